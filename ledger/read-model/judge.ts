// Sequence verdicts over the whole ledger (D4): windows in memory, the store and the archive for what they no longer hold.

import { equal, type Hash32, sha256 } from "@muniment/core";
import { SequenceWindow, type WindowVerdict } from "./sequence-window.ts";
import type { SequenceVerdict } from "./standing.ts";

/** A counted statement's place in its gateway's log. */
interface Place {
  readonly gateway: string;
  readonly index: number;
}

/** What the judge asks about sequences that left the windows. */
export interface CountedStatements {
  /** Places of the statements counted under (signer, sequence); absent where there is none. */
  find(wanted: readonly Claim[]): Promise<readonly (Claim & Place)[]>;
  /** Entries at consecutive places of one gateway's log. */
  read(gateway: string, from: number, to: number): Promise<readonly Uint8Array[]>;
}

export interface Claim {
  readonly signer: number;
  readonly sequence: number;
}

/** Consecutive entries are read together, at most this many at once. */
const readEntriesMax = 4_096;

export class Judge {
  readonly #windows = new Map<number, SequenceWindow>();
  readonly #highest: ReadonlyMap<number, number>;
  readonly #counted: CountedStatements;
  /** Hashes of what was found in the store, or counted since, for the sequences that prepare() was asked about. */
  readonly #resolved = new Map<string, Hash32 | null>();

  /** `highest`: the highest counted sequence per signer when the store was opened. */
  constructor(highest: ReadonlyMap<number, number>, counted: CountedStatements) {
    this.#highest = highest;
    this.#counted = counted;
  }

  /** Resolves what the windows cannot answer; `wanted` is all that the next verdicts will be asked about. */
  async prepare(wanted: readonly (Claim & { readonly hash: Hash32 })[]): Promise<void> {
    this.#resolved.clear();
    const unsure = wanted.filter(
      ({ signer, sequence, hash }) => this.#look(signer, sequence, hash) === "unsure",
    );
    // A sequence may become unsure while its own batch is counted: a second copy of one that came late.
    const repeated = repeats(wanted);
    for (const claim of [...unsure, ...repeated]) this.#resolved.set(name(claim), null);
    if (this.#resolved.size === 0) return;
    const found = await this.#counted.find([...unsure, ...repeated]);
    for (const run of runs(found)) {
      const first = run[0]!;
      const entries = await this.#counted.read(
        first.gateway,
        first.index,
        first.index + run.length,
      );
      for (const [i, claim] of run.entries()) this.#resolved.set(name(claim), sha256(entries[i]!));
    }
  }

  /** The verdict on a claim that prepare() has seen, against everything counted so far. */
  verdict(claim: Claim, hash: Hash32): SequenceVerdict {
    const verdict = this.#look(claim.signer, claim.sequence, hash);
    if (verdict !== "unsure") return verdict;
    const known = this.#resolved.get(name(claim));
    if (known === undefined)
      throw new Error(`sequence ${claim.sequence} of signer ${claim.signer} was not prepared`);
    if (known === null) return "late";
    return equal(known, hash) ? "same" : "other";
  }

  /** Remembers that a statement was counted. */
  count(claim: Claim, hash: Hash32): void {
    this.#window(claim.signer).count(claim.sequence, hash);
    if (this.#resolved.has(name(claim))) this.#resolved.set(name(claim), hash);
  }

  #look(signer: number, sequence: number, hash: Hash32): WindowVerdict {
    return this.#window(signer).look(sequence, hash);
  }

  #window(signer: number): SequenceWindow {
    let window = this.#windows.get(signer);
    if (window === undefined) {
      window = new SequenceWindow(this.#highest.get(signer) ?? -1);
      this.#windows.set(signer, window);
    }
    return window;
  }
}

function name(claim: Claim): string {
  return `${claim.signer}/${claim.sequence}`;
}

/** Claims that are not above the one before them of the same signer: the only ones a batch can make unsure. */
function repeats(wanted: readonly Claim[]): readonly Claim[] {
  const highest = new Map<number, number>();
  return wanted.filter(({ signer, sequence }) => {
    const before = highest.get(signer) ?? -1;
    if (sequence > before) highest.set(signer, sequence);
    return sequence <= before;
  });
}

/** Claims at consecutive places of one log, so that each run is one read. */
function runs(found: readonly (Claim & Place)[]): readonly (readonly (Claim & Place)[])[] {
  const sorted = found.toSorted((a, b) =>
    a.gateway === b.gateway ? a.index - b.index : a.gateway < b.gateway ? -1 : 1,
  );
  const result: (Claim & Place)[][] = [];
  for (const claim of sorted) {
    const run = result.at(-1);
    const last = run?.at(-1);
    if (
      run &&
      last &&
      last.gateway === claim.gateway &&
      last.index + 1 === claim.index &&
      run.length < readEntriesMax
    ) {
      run.push(claim);
    } else {
      result.push([claim]);
    }
  }
  return result;
}
