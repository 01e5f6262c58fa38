// The ledger's one truth on this node: state, leaves, effects and head, written together or not at all (D4, D9).

import { CompactRange, decode, type Effect, encode, type Hash32 } from "@muniment/core";
import { Level } from "level";
import { LedgerError } from "../errors.ts";
import type { AppliedLeaf } from "../machine/apply.ts";
import type { CommittedEntry } from "./consensus.ts";

/** Where the ledger stands; `edge` is the right edge of the log's tree, so that the root needs no leaf. */
export interface StoredHead {
  readonly height: number;
  readonly size: number;
  readonly time: number;
  readonly edge: readonly Hash32[];
}

/** One block: everything it changes. The leaves end at `head.size`. */
export interface Commit {
  readonly writes: readonly Effect[];
  readonly leaves: readonly AppliedLeaf[];
  readonly head: StoredHead;
}

export interface StateStore {
  /** The last commit, or null before genesis. */
  head(): StoredHead | null;
  /** Atomic, and durable when it resolves. When it rejects, the commit stands whole or not at all. */
  commit(commit: Commit): Promise<void>;
  /** Lets get() and range() see the last commit. Until then they show the one before, so that nobody reads state no checkpoint covers. */
  advance(): void;
  get(key: string): Uint8Array | undefined;
  /** State under a key prefix, in byte order. */
  range(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  entry(index: number): Promise<CommittedEntry | null>;
  /** Entries [from, to) of what is committed. */
  entries(from: number, to: number): AsyncIterable<CommittedEntry>;
  close(): Promise<void>;
}

const HEAD = "head";
/** Above every key with this prefix: state keys are ASCII. */
const LAST = "\uffff";
const stateKeyOf = (key: string) => `state/${key}`;
const leafKeyOf = (index: number) => `leaf/${String(index).padStart(16, "0")}`;

/** Opens the store in a LevelDB folder, which is made when it is not there. */
export async function openStateStore(directory: string): Promise<StateStore> {
  const db = new Level<string, Uint8Array>(directory, {
    keyEncoding: "utf8",
    valueEncoding: "view",
  });
  await db.open();
  let head = readHead(plain(db.getSync(HEAD)));
  // A snapshot that was closed fails whoever is still walking over it, so the last reader of a former view closes it.
  const viewOfNow = () => ({ snapshot: db.snapshot(), readers: 0, former: false });
  let view = viewOfNow();
  const letGo = ({ snapshot, readers, former }: typeof view): void => {
    if (former && readers === 0) snapshot.close().catch(() => {});
  };

  return {
    head: () => head,

    async commit(commit) {
      const first = commit.head.size - commit.leaves.length;
      if (first !== (head?.size ?? 0))
        throw new LedgerError(
          "consensus.corrupt",
          `leaves from ${first} on a log of ${head?.size ?? 0}`,
        );
      const batch = db.batch();
      for (const [key, value] of commit.writes) {
        if (value === null) batch.del(stateKeyOf(key));
        else batch.put(stateKeyOf(key), value);
      }
      commit.leaves.forEach(({ leaf, effects }, i) => {
        batch.put(leafKeyOf(first + i), encode([leaf, effects]));
      });
      batch.put(HEAD, encode({ ...commit.head }));
      await batch.write({ sync: true });
      head = commit.head;
    },

    advance() {
      const last = view;
      view = viewOfNow();
      last.former = true;
      letGo(last);
    },

    get: (key) => plain(db.getSync(stateKeyOf(key), { snapshot: view.snapshot })),

    async *range(prefix) {
      const own = view;
      own.readers += 1;
      const from = stateKeyOf(prefix);
      try {
        for await (const [key, value] of db.iterator({
          gte: from,
          lt: from + LAST,
          snapshot: own.snapshot,
        })) {
          yield [key.slice(stateKeyOf("").length), plain(value)];
        }
      } finally {
        own.readers -= 1;
        letGo(own);
      }
    },

    async entry(index) {
      const value = await db.get(leafKeyOf(index));
      return value === undefined ? null : readEntry(index, value);
    },

    async *entries(from, to) {
      let index = from;
      for await (const value of db.values({ gte: leafKeyOf(from), lt: leafKeyOf(to) }))
        yield readEntry(index++, value);
      if (index !== Math.max(from, to))
        throw new LedgerError("consensus.corrupt", `entry ${index} is missing`);
    },

    close: () => db.close(),
  };
}

function readHead(bytes: Uint8Array | undefined): StoredHead | null {
  if (bytes === undefined) return null;
  const map = decode(bytes) as ReadonlyMap<string, unknown>;
  const head = Object.fromEntries(map) as unknown as StoredHead;
  CompactRange.from(head.size, head.edge); // throws unless size and edge belong together
  return head;
}

function readEntry(index: number, value: Uint8Array): CommittedEntry {
  const [leaf, effects] = decode(plain(value)) as readonly [Uint8Array, Uint8Array];
  return { index, leaf, effects };
}

/** LevelDB answers with Buffers, whose slice() shares memory; inside there are only plain arrays. */
function plain<T extends Uint8Array | undefined>(value: T): T {
  return (
    value instanceof Buffer ? new Uint8Array(value.buffer, value.byteOffset, value.length) : value
  ) as T;
}
