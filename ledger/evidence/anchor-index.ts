// Which ledger entry anchored which part of a gateway's log: an index read off the ledger log, rebuilt whenever it is lost (D10).

import { type CborMap, decode, decodeEffects } from "@muniment/core";
import { Level } from "level";
import type { Consensus } from "../consensus/consensus.ts";
import { LedgerError } from "../errors.ts";

const CURSOR = "applied";
const ENTRIES_PER_WRITE_MAX = 1_000;

/** Every question first reads what was committed since the last one, so an answer is never behind the ledger. */
export class AnchorIndex {
  readonly #consensus: Consensus;
  readonly #index: Level<string, string>;
  #applied: number;
  #reading: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(consensus: Consensus, index: Level<string, string>, applied: number) {
    this.#consensus = consensus;
    this.#index = index;
    this.#applied = applied;
  }

  static async open(consensus: Consensus, directory: string): Promise<AnchorIndex> {
    const index = new Level<string, string>(directory);
    await index.open();
    let applied = Number((await index.get(CURSOR)) ?? 0);
    if (applied > consensus.head().size) {
      // The log is shorter than what was read of it: it is another ledger's, and nothing here holds for it.
      await index.clear();
      applied = 0;
    }
    return new AnchorIndex(consensus, index, applied);
  }

  /** The ledger entry that anchored this gateway at exactly `size`, or null. */
  async at(gateway: string, size: number): Promise<number | null> {
    await this.#catchUp();
    const found = await this.#index.get(anchorKey(gateway, size));
    return found === undefined ? null : Number(found);
  }

  /** The first ledger entry whose anchor covers the gateway's leaf `index`, or null. */
  async over(gateway: string, index: number): Promise<number | null> {
    await this.#catchUp();
    const range = {
      gt: anchorKey(gateway, index),
      lte: anchorKey(gateway, Number.MAX_SAFE_INTEGER),
      limit: 1,
    };
    for await (const found of this.#index.values(range)) return Number(found);
    return null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reading.catch(() => undefined);
    await this.#index.close();
  }

  #catchUp(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    while (this.#applied < this.#consensus.head().size) {
      if (this.#closed) throw new LedgerError("consensus.closed");
      const to = Math.min(this.#applied + ENTRIES_PER_WRITE_MAX, this.#consensus.head().size);
      const found = new Map([[CURSOR, String(to)]]);
      for await (const { index, effects } of this.#consensus.entries(this.#applied, to)) {
        for (const [key, value] of decodeEffects(effects)) {
          if (!key.startsWith("anchor/") || value === null) continue;
          const gateway = key.slice("anchor/".length, key.lastIndexOf("/"));
          const size = (decode(value) as CborMap).get("size") as number;
          found.set(anchorKey(gateway, size), String(index));
        }
      }
      await this.#index.batch(
        Array.from(found, ([key, value]) => ({ type: "put" as const, key, value })),
      );
      this.#applied = to;
    }
  }
}

/** Sizes are padded so that the order of keys is the order of sizes. */
function anchorKey(gateway: string, size: number): string {
  return `anchor/${gateway}/${String(size).padStart(16, "0")}`;
}
