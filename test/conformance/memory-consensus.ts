// The consensus port in its plainest form (D6): one transaction a block, everything in memory. A model to compare with, and an adapter for tests.

import {
  addSignature,
  CompactRange,
  concat,
  cosign,
  decodeLedgerEntry,
  type Effect,
  encodeEffects,
  encodeEntries,
  entriesPath,
  type Hash32,
  leafHash,
  signCheckpoint,
  TILE_WIDTH,
  tilePath,
} from "@muniment/core";
import type { SigningKeys } from "../../ledger/consensus/checkpoint-signer.ts";
import type {
  CommittedEntry,
  Consensus,
  LedgerHead,
  Submission,
} from "../../ledger/consensus/consensus.ts";
import { stateHash } from "../../ledger/consensus/state-hash.ts";
import { LedgerError } from "../../ledger/errors.ts";
import { cosignerName, genesisPolicy, loadGenesis } from "../../ledger/genesis.ts";
import { applyBlock, wantsStateHash } from "../../ledger/machine/apply.ts";
import { genesisEffects } from "../../ledger/machine/genesis-effects.ts";
import type { Clock } from "../../ledger/ports.ts";

/** What outlives a closed model, as a disk would. */
export interface MemoryLedger {
  readonly genesis: Uint8Array;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly state: Map<string, Uint8Array>;
  readonly entries: CommittedEntry[];
}

export function createMemoryLedger(
  genesis: Uint8Array,
  keys: SigningKeys,
  clock: Clock,
): MemoryLedger {
  const writes = genesisEffects(loadGenesis(genesis));
  const state = new Map(writes.map(([key, value]) => [key, value!]));
  return {
    genesis,
    keys,
    clock,
    state,
    entries: [{ index: 0, leaf: genesis, effects: encodeEffects(writes) }],
  };
}

/** Opens the model. */
export function openMemoryConsensus(ledger: MemoryLedger): Consensus {
  const genesis = loadGenesis(ledger.genesis);
  const { origin } = genesis;
  const listeners = new Set<(head: LedgerHead) => void>();
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  let head = headOf();

  function headOf(): LedgerHead {
    const { entries, keys } = ledger;
    const range = new CompactRange();
    for (const { leaf } of entries) range.append(leafHash(leaf));
    const { height, time } =
      entries.length === 1
        ? { height: 0, time: genesis.time }
        : decodeLedgerEntry(entries.at(-1)!.leaf);
    const root = range.root();
    const note = signCheckpoint({ origin, size: range.size, root }, keys.log);
    const name = cosignerName(origin, genesis.validators[0]!.name);
    const line = cosign(note, { name, signer: keys.cosigner, time: Math.floor(time / 1000) });
    return { origin, height, size: range.size, root, time, checkpoint: addSignature(note, line) };
  }

  async function commit(transaction: Uint8Array): Promise<Submission> {
    const { size } = head;
    const height = head.height + 1;
    const time = Math.max(head.time + 1, ledger.clock.now());
    const hash = wantsStateHash(size, 1)
      ? { stateHash: await stateHash(inOrder(ledger.state, "")) }
      : {};
    const block = { height, time, size, transactions: [transaction], ...hash };
    const { results, writes, leaves } = applyBlock((key) => ledger.state.get(key), block);
    const result = results[0]!;
    if (!result.ok && result.index === undefined)
      return { ok: false, code: result.code, message: result.message };
    if (!result.ok) {
      const first = decodeLedgerEntry(ledger.entries[result.index!]!.leaf);
      return {
        ok: true,
        index: result.index!,
        height: first.height,
        time: first.time,
        duplicate: true,
      };
    }
    write(ledger.state, writes);
    ledger.entries.push({ index: size, ...leaves[0]! });
    head = headOf();
    for (const listener of listeners) listener(head);
    return { ok: true, index: result.index, height, time, duplicate: false };
  }

  return {
    submit(transaction) {
      if (closed) return Promise.reject(new LedgerError("consensus.closed"));
      const answer = last.then(() => commit(transaction.slice()));
      last = answer.catch(() => {});
      return answer;
    },
    head: () => head,
    entry: async (index) => ledger.entries[index] ?? null,
    async *entries(from, to) {
      if (!(from >= 0 && from <= to && to <= head.size))
        throw new LedgerError("consensus.range", `entries ${from} to ${to}`);
      yield* ledger.entries.slice(from, to);
    },
    get: (key) => ledger.state.get(key),
    async *range(prefix) {
      yield* inOrder(ledger.state, prefix);
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readTile: async (path) => tiles(ledger.entries.slice(0, head.size)).get(path) ?? null,
    policy: () => genesisPolicy(genesis),
    genesis: () => ledger.genesis.slice(),
    async close() {
      closed = true;
      await last;
    },
  };
}

function write(state: Map<string, Uint8Array>, writes: readonly Effect[]): void {
  for (const [key, value] of writes) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
}

function inOrder(state: ReadonlyMap<string, Uint8Array>, prefix: string): [string, Uint8Array][] {
  return Array.from(state)
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Every tile of every width, made afresh. */
function tiles(entries: readonly CommittedEntry[]): Map<string, Uint8Array> {
  const levels: Hash32[][] = [];
  const range = new CompactRange();
  for (const { leaf } of entries) {
    range.append(leafHash(leaf), (level, _index, hash) => {
      if (level % 8 !== 0) return;
      levels[level / 8] ??= [];
      levels[level / 8]!.push(hash);
    });
  }
  const files = new Map<string, Uint8Array>();
  const cutAll = (
    count: number,
    path: (index: number, width: number) => string,
    bytes: (from: number, to: number) => Uint8Array,
  ) => {
    for (let end = 1; end <= count; end++) {
      const index = Math.floor((end - 1) / TILE_WIDTH);
      files.set(path(index, end - index * TILE_WIDTH), bytes(index * TILE_WIDTH, end));
    }
  };
  for (const [level, hashes] of levels.entries()) {
    cutAll(
      hashes.length,
      (index, width) => tilePath(level, index, width),
      (from, to) => concat(...hashes.slice(from, to)),
    );
  }
  cutAll(entries.length, entriesPath, (from, to) =>
    encodeEntries(entries.slice(from, to).map(({ leaf }) => leaf)),
  );
  return files;
}
