// The gateway's own transparency log: batches of the journal become leaves, tiles and a checkpoint (D3, F3, RFC 9162 2.1).

import {
  CompactRange,
  entriesPath,
  equal,
  formatVkey,
  fromUtf8,
  leafHash,
  openCheckpoint,
  parseVkey,
  proveConsistency,
  readEntries,
  rootFromTiles,
  type Signer,
  sha256,
  signCheckpoint,
  TILE_WIDTH,
  type TileReader,
  toHex,
  utf8,
  verifyConsistency,
} from "@muniment/core";
import { decode, encode } from "cbor-x";
import { GatewayError } from "../errors.ts";
import type { Cursor, Journal, JournalRecord, Placed } from "../journal/journal.ts";
import { compareCursors } from "../journal/segment-log.ts";
import type { Change, Store } from "../store.ts";
import type { LogFiles } from "./files.ts";
import { type Growth, grow, partialsReplaced } from "./growth.ts";
import {
  type BatchLimits,
  entryBytes,
  hasRoom,
  nothingPending,
  type Pending,
  together,
  withEntry,
} from "./policy.ts";
import {
  anchoredRootAt,
  archivedEntries,
  type Behind,
  isPassed,
  overlap,
  type Passed,
  RUN_ENTRIES_MAX,
  requireAnchored,
  runEnd,
  type Sequenced,
  sequencesOf,
} from "./rebuild.ts";
import { Recent } from "./recent.ts";

/** The leaves [from, size) and the checkpoint that closed them. */
export interface Batch {
  readonly from: number;
  readonly size: number;
  readonly root: Uint8Array;
  /** Signed note by the log key. */
  readonly checkpoint: string;
  /** Consistency proof from `from` to `size`; empty when `from` is 0. */
  readonly proof: readonly Uint8Array[];
  /** Arrival of its oldest record, in ms; 0 for the genesis batch. */
  readonly since: number;
}

/** The duplicate windows, stored with the log's cursor: never behind it, and never ahead of the journal. */
export interface Windows {
  /** The window of one key, packed. */
  export(kidHex: string): Uint8Array;
  /** A statement is in the log, though it never went through this journal. Idempotent. */
  note(entry: Sequenced): void;
  /** Resolves when every statement that was judged before the call is in the journal and added, or failed to be. */
  settled(): Promise<void>;
}

export interface LogOptions {
  /** Name of the log: `<ledger origin>/gw/<gateway>`. */
  readonly origin: string;
  /** Signs checkpoints and nothing else. */
  readonly signer: Signer;
  /** Bytes of leaf 0. */
  readonly genesis: Uint8Array;
  readonly journal: Journal;
  readonly files: LogFiles;
  readonly state: Store;
  /** Bodies of access events, until their batch is final. */
  readonly bodies: Store;
  readonly windows: Windows;
  readonly limits: BatchLimits;
  /** Whether entry bundles go once they are final. Hash tiles always stay. */
  readonly pruneFinal: boolean;
  /** Entries that a rebuilding takes from the archive in one durable step; RUN_ENTRIES_MAX unless told. */
  readonly runEntriesMax?: number;
  /** Told of each record that was durable but not yet in the log when it opened, in order. */
  readonly onReplay?: (record: JournalRecord) => void;
}

export interface Log {
  /** One record more is durable in the journal, since `now` (ms). In journal order. */
  add(placed: Placed, now: number): void;
  /** Closes what is pending, as far as one batch reaches; null when nothing is, or while the log is behind. */
  closeBatch(): Promise<Batch | null>;
  /** What a batch may take now: nothing while the log is behind. */
  pending(): Pending;
  /** The anchored tree that this log has yet to become, or null. It outlives a restart. */
  behind(): Behind | null;
  /**
   * This log is anchored at `size` with this root: proven. When that is more than it has, it signs nothing from the
   * journal from now on, until catchUp() is done. Returns whether it is behind.
   */
  fallBehind(anchored: { readonly size: number; readonly root: Uint8Array }): Promise<boolean>;
  /**
   * Rebuilds what is missing from the archive's files. Resolves with true when the log is the anchored tree, with false
   * when its own history is another one: nothing was changed then. Otherwise it may be called again. Errors:
   * `archive.invalid`, `ledger.*`.
   */
  catchUp(readArchive: TileReader): Promise<boolean>;
  /** Leaves under the latest checkpoint. */
  size(): number;
  /** The latest checkpoint, a signed note. */
  checkpoint(): string;
  /** The first batch beyond leaf `from`, while it is not yet final. */
  batchFrom(from: number): Promise<Batch | null>;
  entries(batch: Batch): Promise<Uint8Array[]>;
  bodies(batch: Batch): Promise<Uint8Array[]>;
  /** Whether a tree of `size` leaves (1 or more) with this root is a prefix of this log. */
  extends(size: number, root: Uint8Array): Promise<boolean>;
  /** Everything below `size` is proven final: batch records and bodies go, bundles too where so configured. */
  finalise(size: number): Promise<void>;
  readTile(path: string): Promise<Uint8Array | null>;
}

interface Head {
  readonly from: number;
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
  readonly cursor: Cursor;
  readonly checkpoint: string;
}

/** What the log key is about to sign. Written before it signs, so that it never signs another root for the size. */
interface Intent {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What one closing takes from the journal. */
interface Run {
  readonly entries: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
  readonly records: readonly JournalRecord[];
  readonly cursor: Cursor;
  readonly taken: Pending;
  /** Arrival of the first record that did not fit, in ms. */
  readonly nextSince: number;
}

const HEAD = "log/head";
const INTENT = "log/intent";
const PRUNED = "log/pruned";
const BEHIND = "log/behind";
const PASSED = "log/passed";
const CHECKPOINT = "checkpoint";
const WINDOW = "window/";

/** Size as a key that sorts. */
function sizeKey(size: number): string {
  return String(size).padStart(16, "0");
}

const batchKey = (from: number): string => `batch/${sizeKey(from)}`;

/** The packed windows stored with the log's cursor, by key id in hexadecimal. */
export async function* storedWindows(
  state: Store,
): AsyncIterable<readonly [kidHex: string, packed: Uint8Array]> {
  for await (const [key, packed] of state.range(WINDOW)) yield [key.slice(WINDOW.length), packed];
}

/**
 * Opens the log, finishes a closing that was cut off, and counts what the journal holds beyond it.
 * Errors: `log.damaged`, `log.journal-lost`.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const { journal, files, state, limits } = options;
  const vkey = parseVkey(
    formatVkey({ name: options.origin, type: 1, publicKey: options.signer.publicKey }),
  );
  let head: Head = (await read<Head>(state, HEAD)) ?? {
    from: 0,
    size: 0,
    hashes: [],
    cursor: journal.start(),
    checkpoint: "",
  };
  /** What waited when the closing under way began, and what has arrived since. */
  let waiting: Pending = nothingPending;
  let arrived: Pending = nothingPending;
  const recent = new Recent(journal.end(), limits);
  let behind: Behind | null = await read<Behind>(state, BEHIND);
  let passed: readonly Passed[] = (await read<Passed[]>(state, PASSED)) ?? [];
  let last: Promise<unknown> = Promise.resolve();
  await recover();

  /** One at a time: what moves the head. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  /** The journal beyond the log: without the records that a rebuilding brought from the archive. */
  async function* beyond(): AsyncGenerator<Placed> {
    for await (const one of recent.since(head.cursor) ?? replayed()) {
      if (passed.length === 0 || !isPassed(passed, one.next)) yield one;
    }
  }

  async function* replayed(): AsyncGenerator<Placed> {
    for await (const { record, next } of journal.replay(head.cursor))
      yield { record, leaf: leafHash(record.statement), next };
  }

  /** Takes the next records from the journal: `exact` many after a crash, else what one batch holds. */
  async function take(exact: number | null): Promise<Run> {
    if (head.size === 0) {
      const { genesis } = options;
      return {
        entries: [genesis],
        leaves: [leafHash(genesis)],
        records: [],
        cursor: head.cursor,
        taken: nothingPending,
        nextSince: 0,
      };
    }
    const records: JournalRecord[] = [];
    const leaves: Uint8Array[] = [];
    let cursor = head.cursor;
    let taken = nothingPending;
    let nextSince = 0;
    /** False when the batch is full without this record. */
    const accept = ({ record, leaf, next }: Placed): boolean => {
      const bytes = entryBytes(record.statement, record.body);
      if (exact === null ? !hasRoom(taken, bytes, limits) : taken.count === exact) {
        nextSince = record.arrivedAt;
        return false;
      }
      records.push(record);
      leaves.push(leaf);
      taken = withEntry(taken, bytes, record.arrivedAt);
      cursor = next;
      return taken.count < waiting.count;
    };
    const near = waiting.count > 0 && passed.length === 0 ? recent.since(head.cursor) : null;
    if (near !== null) {
      for (const one of near) if (!accept(one)) break;
    } else if (waiting.count > 0) {
      for await (const one of beyond()) if (!accept(one)) break;
    }
    return {
      entries: records.map(({ statement }) => statement),
      leaves,
      records,
      cursor,
      taken,
      nextSince,
    };
  }

  /**
   * Closes one batch. Every step is durable before the next begins and repeats to the same bytes, so that recovery,
   * after a crash or a failed write, is this function again.
   */
  async function close(): Promise<Batch | null> {
    waiting = together(waiting, arrived);
    arrived = nothingPending;
    const intent = await read<Intent>(state, INTENT);
    const cutOff = intent !== null && intent.size > head.size;
    const run = await take(cutOff ? intent.size - head.size : null);
    if (run.entries.length === 0) return null;
    const growth = await grow(head.size, head.hashes, run.entries, run.leaves, files.read);

    if (!cutOff) {
      await state.write([[INTENT, encode({ size: growth.size, root: growth.root })]]);
    } else if (intent.size !== growth.size || !equal(intent.root, growth.root)) {
      throw new GatewayError(
        "log.journal-lost",
        `root ${toHex(intent.root)} may be signed for size ${intent.size}, the journal now gives ${toHex(growth.root)} for ${growth.size}`,
      );
    }
    // Die here: nothing was signed. The boundary is fixed: recovery closes exactly this batch.
    await keepBodies(growth.size, run.records);
    // Die here: the bodies are there twice, in the journal and under this batch; the next run overwrites them.
    const checkpoint = await publish(growth);
    // Die here: the batch is public and complete, but not yet in `state`: recovery arrives at the same checkpoint.

    const proof =
      growth.from === 0 ? [] : await proveConsistency(growth.from, growth.size, files.read);
    const batch: Batch = {
      from: growth.from,
      size: growth.size,
      root: growth.root,
      checkpoint,
      proof,
      since: run.taken.since,
    };
    const next: Head = {
      from: growth.from,
      size: growth.size,
      hashes: growth.hashes,
      cursor: run.cursor,
      checkpoint,
    };
    const stillPassed = passed.filter(({ upTo }) => compareCursors(upTo, run.cursor) > 0);
    await state.write([
      [HEAD, encode(next)],
      [batchKey(batch.from), encode(batch)],
      ...touchedWindows(run.records),
      ...(stillPassed.length < passed.length ? [passedChange(stillPassed)] : []),
    ]);
    // Die here: the batch is closed. The journal holds records that the log has; the cursor passes over them.
    head = next;
    passed = stillPassed;
    waiting = remaining(waiting, run);
    recent.release(head.cursor);
    await journal.release(head.cursor);
    // Die here: the journal has let go of them, and the log is now their only home in this box.
    await tidy(partialsReplaced(growth.from, growth.size));
    return batch;
  }

  /** Writes the files of a grown log, in this order, and returns its signed checkpoint. */
  async function publish(growth: Growth): Promise<string> {
    const { size, root } = growth;
    const checkpoint = signCheckpoint({ origin: options.origin, size, root }, options.signer);
    await files.write(growth.bundles);
    // Die here: bundles lie beyond what any checkpoint covers. Nobody asks for them; they are written again.
    await files.write(growth.tiles);
    // Die here: likewise for hash tiles. The old checkpoint and all it covers are untouched.
    await files.write([{ path: CHECKPOINT, bytes: utf8(checkpoint) }]);
    return checkpoint;
  }

  async function fallBehind(anchored: Pick<Behind, "size" | "root">): Promise<boolean> {
    if (behind !== null) return true;
    // A closing that failed half-way may have signed: it is finished first, and then compared as a whole.
    const intent = await read<Intent>(state, INTENT);
    if (intent !== null && intent.size > head.size) await close();
    if (anchored.size <= head.size) return false;
    const target: Behind = { from: head.size, size: anchored.size, root: anchored.root };
    await state.write([[BEHIND, encode(target)]]);
    // Die here: the next start knows, with or without a network, that only the archive may continue this log.
    behind = target;
    return true;
  }

  /** Every run is proven before it is written and durable before the next begins; a restart goes on behind the last. */
  async function catchUp(readArchive: TileReader): Promise<boolean> {
    if (behind === null) return true;
    const own = CompactRange.from(head.size, head.hashes).root();
    if (!equal(own, await anchoredRootAt(head.size, behind, readArchive))) return false;
    while (head.size < behind.size) await takeOver(behind, readArchive);
    await arrive(behind);
    return true;
  }

  /** Takes the next run of entries from the archive, as close() takes one from the journal. */
  async function takeOver(target: Behind, readArchive: TileReader): Promise<void> {
    const to = runEnd(head.size, target, options.runEntriesMax ?? RUN_ENTRIES_MAX);
    const entries = await archivedEntries(head.size, to, target, readArchive);
    const growth = await grow(head.size, head.hashes, entries, entries.map(leafHash), files.read);
    await requireAnchored(growth.size, growth.root, target, readArchive);
    const sequences = sequencesOf(entries);
    // In the ledger already, so it may be called a duplicate from now on, whatever becomes of this run.
    for (const one of sequences) options.windows.note(one);
    const checkpoint = await publish(growth);
    // Die here: a signed beginning of the anchored tree is public. `state` knows where it leads: the same run comes again.
    const { from, size, hashes } = growth;
    const next: Head = { from, size, hashes, cursor: head.cursor, checkpoint };
    await state.write([[HEAD, encode(next)], ...touchedWindows(sequences)]);
    // Die here: the run is part of the log. The journal's cursor has not moved: arrive() compares all of it.
    head = next;
    await tidy(partialsReplaced(from, size));
  }

  /** The log is the anchored tree: what the journal holds of it is passed over, what it does not is closed next. */
  async function arrive(target: Behind): Promise<void> {
    // A reading that was judged before its window was whole may still be on its way: then it is in the journal, once.
    await options.windows.settled();
    const found = await overlap(beyond(), head.cursor, target, files.read);
    const now = [...passed, ...found.passed];
    await state.write([[BEHIND, null], passedChange(now)]);
    // Die here: the log closes batches again. Which records it has is kept with the cursor, until that is beyond them.
    behind = null;
    passed = now;
    waiting = without(together(waiting, arrived), found);
    arrived = nothingPending;
  }

  function passedChange(runs: readonly Passed[]): Change {
    return [PASSED, runs.length === 0 ? null : encode(runs)];
  }

  async function keepBodies(size: number, records: readonly JournalRecord[]): Promise<void> {
    const changes: Change[] = [];
    for (const { body } of records) {
      if (body !== null) changes.push([`${sizeKey(size)}/${toHex(sha256(body))}`, body]);
    }
    if (changes.length > 0) await options.bodies.write(changes);
  }

  function touchedWindows(records: readonly Pick<JournalRecord, "kid">[]): Change[] {
    const touched = new Set(records.map(({ kid }) => hex(kid)));
    return Array.from(touched, (kid) => [WINDOW + kid, options.windows.export(kid)]);
  }

  /** Partial files that a full one replaced. Repeated when the log opens, so a crash leaves none for long. */
  async function tidy(folders: readonly string[]): Promise<void> {
    await Promise.all(folders.map((path) => files.remove(path)));
  }

  async function recover(): Promise<void> {
    const intent = await read<Intent>(state, INTENT);
    await refuseOlderState(Math.max(head.size, intent?.size ?? 0, behind?.size ?? 0));
    if (head.size === 0) await close();
    await refuseOtherTiles();
    for await (const { record } of beyond()) {
      waiting = withEntry(waiting, entryBytes(record.statement, record.body), record.arrivedAt);
      options.onReplay?.(record);
    }
    if (intent !== null && intent.size > head.size) {
      const missing = intent.size - head.size;
      if (waiting.count < missing) {
        throw new GatewayError(
          "log.journal-lost",
          `size ${intent.size} may be signed, the journal has only ${waiting.count} of the ${missing} records after ${head.size}`,
        );
      }
      await close();
    }
    // Behind, the published checkpoint may be that of a run which `state` has yet to hear of, and must not go back.
    // Die before this: segments that the log has taken lie a little longer.
    await journal.release(head.cursor);
    if (behind === null) await files.write([{ path: CHECKPOINT, bytes: utf8(head.checkpoint) }]);
    else if (behind.size === head.size) await arrive(behind);
    await tidy(partialsReplaced(head.from, head.size));
  }

  /** A checkpoint beyond what `state` knows was published: `state` alone is from a backup, and would sign again. */
  async function refuseOlderState(signed: number): Promise<void> {
    const published = await files.read(CHECKPOINT);
    if (published === null) return;
    const { size } = openCheckpoint(fromUtf8(published), vkey);
    if (size > signed) {
      throw new GatewayError(
        "log.damaged",
        `a checkpoint of size ${size} is published, the state folder knows ${signed}; restore both from one backup`,
      );
    }
  }

  async function refuseOtherTiles(): Promise<void> {
    const recorded = CompactRange.from(head.size, head.hashes).root();
    const stored = await rootFromTiles(head.size, files.read).catch((cause: unknown) => {
      throw new GatewayError("log.damaged", `the tiles of size ${head.size} cannot be read`, {
        cause,
      });
    });
    if (equal(recorded, stored)) return;
    throw new GatewayError(
      "log.damaged",
      `root ${toHex(recorded)} is recorded for size ${head.size}, the tiles give ${toHex(stored)}`,
    );
  }

  async function prune(size: number): Promise<void> {
    const to = Math.floor(Math.min(size, head.size) / TILE_WIDTH);
    const from = (await read<number>(state, PRUNED)) ?? 0;
    for (let index = from; index < to; index++) {
      await files.remove(entriesPath(index));
      await files.remove(`${entriesPath(index)}.p`);
    }
    // Die before this: the same bundles are removed again.
    if (to > from) await state.write([[PRUNED, encode(to)]]);
  }

  return {
    add(placed, now) {
      recent.add(placed);
      const { record } = placed;
      // Not its arrival: what comes out of quarantine arrived long ago, and would close a batch a record.
      arrived = withEntry(arrived, entryBytes(record.statement, record.body), now);
    },
    closeBatch: async () =>
      behind === null ? inTurn(async () => (behind === null ? close() : null)) : null,
    pending: () => (behind === null ? together(waiting, arrived) : nothingPending),
    behind: () => behind,
    fallBehind: (anchored) => inTurn(() => fallBehind(anchored)),
    catchUp: (readArchive) => inTurn(() => catchUp(readArchive)),
    size: () => head.size,
    checkpoint: () => head.checkpoint,
    async batchFrom(from) {
      const batch = await read<Batch>(state, batchKey(from));
      if (batch !== null || from >= head.size) return batch;
      // The ledger took another boundary than ours, of the same history: what is left of that batch goes by itself.
      for await (const [, bytes] of state.range("batch/")) {
        const whole = decode(bytes) as Batch;
        if (whole.size > from)
          return { ...whole, from, proof: await proveConsistency(from, whole.size, files.read) };
      }
      return null;
    },
    entries: (batch) => readEntries(batch.from, batch.size, batch.size, files.read),
    async bodies(batch) {
      const bodies: Uint8Array[] = [];
      for await (const [, body] of options.bodies.range(`${sizeKey(batch.size)}/`))
        bodies.push(body);
      return bodies;
    },
    async extends(size, root) {
      const { size: size2, hashes } = head; // a batch may close while the tiles are read
      if (size > size2) return false;
      const proof = size === size2 ? [] : await proveConsistency(size, size2, files.read);
      const root2 = CompactRange.from(size2, hashes).root();
      return verifyConsistency({ size1: size, size2, root1: root, root2, proof });
    },
    async finalise(size) {
      await remove(state, "batch/", (_, bytes) => (decode(bytes) as Batch).size <= size);
      await remove(options.bodies, "", (key) => Number(key.slice(0, key.indexOf("/"))) <= size);
      if (options.pruneFinal) await prune(size);
    },
    readTile: (path) => files.read(path),
  };
}

/** What of `waiting` the closed batch left. */
function remaining(waiting: Pending, { taken, nextSince }: Run): Pending {
  const count = waiting.count - taken.count;
  return count === 0
    ? nothingPending
    : { count, bytes: waiting.bytes - taken.bytes, since: nextSince };
}

/** `pending` without what a rebuilding brought. It may seem older than it is: then it is closed earlier. */
function without(pending: Pending, { count, bytes }: { count: number; bytes: number }): Pending {
  if (pending.count === count) return nothingPending;
  return { count: pending.count - count, bytes: pending.bytes - bytes, since: pending.since };
}

/** Removes keys that start with `prefix`, in order, for as long as they are `over`. */
async function remove(
  store: Store,
  prefix: string,
  over: (key: string, value: Uint8Array) => boolean,
): Promise<void> {
  const changes: Change[] = [];
  for await (const [key, value] of store.range(prefix)) {
    if (!over(key, value)) break;
    changes.push([key, null]);
  }
  if (changes.length > 0) await store.write(changes);
}

/** As toHex(), but once for each record of a batch, so by the engine's own encoder. */
function hex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}

async function read<T>(state: Store, key: string): Promise<T | null> {
  const bytes = await state.get(key);
  return bytes === undefined ? null : (decode(bytes) as T);
}
