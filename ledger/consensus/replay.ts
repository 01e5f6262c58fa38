// Replays a ledger from its log alone: the same machine over the same transactions must give the same leaves, byte for byte (F5, D9).

import {
  CompactRange,
  decodeLedgerEntry,
  encodeEffects,
  equal,
  FormatError,
  type Hash32,
  type LedgerEntry,
  leafHash,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import { loadGenesis } from "../genesis.ts";
import { applyBlock, wantsStateHash } from "../machine/apply.ts";
import { genesisEffects } from "../machine/genesis-effects.ts";
import { stateHash } from "./state-hash.ts";

/** A leaf of the log; with its effects, where they are known, those are compared too. */
export interface ReplayEntry {
  readonly leaf: Uint8Array;
  readonly effects?: Uint8Array;
}

/** Where the replay ended. */
export interface Replayed {
  readonly origin: string;
  readonly height: number;
  readonly size: number;
  readonly root: Hash32;
  /** Block time in milliseconds since 1970. */
  readonly time: number;
  /** The whole state, rebuilt. */
  readonly state: ReadonlyMap<string, Uint8Array>;
}

interface Parsed extends ReplayEntry {
  readonly entry: LedgerEntry;
}

/** Rebuilds the state from leaf 0 on. Throws `replay.entry`, which names the first entry that does not follow, or `genesis.structure`. */
export async function replay(
  entries: AsyncIterable<ReplayEntry> | Iterable<ReplayEntry>,
  onProgress: (size: number) => void = () => {},
): Promise<Replayed> {
  let ledger: ReplayedLedger | null = null;
  let block: Parsed[] = [];
  let index = 0;
  for await (const { leaf, effects } of entries) {
    const known = effects === undefined ? { leaf } : { leaf, effects };
    if (ledger === null) {
      ledger = new ReplayedLedger(known);
    } else {
      const entry = parse(leaf, index);
      if (block.length > 0 && block[0]!.entry.height !== entry.height) {
        await ledger.apply(block);
        onProgress(index);
        block = [];
      }
      block.push({ ...known, entry });
    }
    index += 1;
  }
  if (ledger === null) throw new LedgerError("replay.entry", "the log is empty");
  if (block.length > 0) await ledger.apply(block);
  onProgress(index);
  return ledger.result();
}

class ReplayedLedger {
  readonly #origin: string;
  readonly #state = new Map<string, Uint8Array>();
  readonly #range = new CompactRange();
  #height = 0;
  #time: number;

  constructor({ leaf, effects }: ReplayEntry) {
    const genesis = loadGenesis(leaf);
    const writes = genesisEffects(genesis);
    if (effects !== undefined && !equal(effects, encodeEffects(writes)))
      refuse(0, "other effects are stored than genesis has");
    this.#origin = genesis.origin;
    this.#time = genesis.time;
    this.#write(writes);
    this.#range.append(leafHash(leaf));
  }

  async apply(block: readonly Parsed[]): Promise<void> {
    const { size } = this.#range;
    const { height, time } = block[0]!.entry;
    if (height !== this.#height + 1) refuse(size, `height ${height} after ${this.#height}`);
    if (time <= this.#time) refuse(size, `time ${time} after ${this.#time}`);
    const { results, writes, leaves } = applyBlock((key) => this.#state.get(key), {
      height,
      time,
      size,
      transactions: block.map(({ entry }) => entry.transaction),
      ...(wantsStateHash(size, block.length)
        ? { stateHash: await stateHash(this.#inOrder()) }
        : {}),
    });
    for (const [i, { leaf, effects, entry }] of block.entries()) {
      const result = results[i]!;
      if (!result.ok) refuse(size + i, `its transaction is refused: ${result.code}`);
      compare(size + i, entry, leaf, leaves[i]!.leaf);
      if (effects !== undefined && !equal(effects, leaves[i]!.effects))
        refuse(size + i, "other effects are stored than it has");
      this.#range.append(leafHash(leaf));
    }
    this.#write(writes);
    this.#height = height;
    this.#time = time;
  }

  result(): Replayed {
    return {
      origin: this.#origin,
      height: this.#height,
      size: this.#range.size,
      root: this.#range.root(),
      time: this.#time,
      state: new Map(this.#inOrder()),
    };
  }

  #write(writes: Iterable<readonly [string, Uint8Array | null]>): void {
    for (const [key, value] of writes) {
      if (value === null) this.#state.delete(key);
      else this.#state.set(key, value);
    }
  }

  /** State keys are ASCII, so the order of strings is the order of bytes. */
  #inOrder(): [string, Uint8Array][] {
    return Array.from(this.#state).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function parse(leaf: Uint8Array, index: number): LedgerEntry {
  try {
    return decodeLedgerEntry(leaf);
  } catch (cause) {
    if (cause instanceof FormatError) refuse(index, cause.message);
    throw cause;
  }
}

function compare(index: number, entry: LedgerEntry, found: Uint8Array, expected: Uint8Array): void {
  if (equal(found, expected)) return;
  const again = decodeLedgerEntry(expected);
  if (!equal(again.effects, entry.effects)) refuse(index, "its effects hash is another");
  if (again.state !== undefined && !(entry.state !== undefined && equal(again.state, entry.state)))
    refuse(index, "its state hash is another");
  refuse(index, "its bytes are others");
}

function refuse(index: number, found: string): never {
  throw new LedgerError("replay.entry", `entry ${index}: ${found}`);
}
