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

/** Entries of one read. */
const readEntriesMax = 4_096;
/** Entries passed over within one read: an archive reads whole bundles, so a narrow gap costs less than a second read. */
const gapEntriesMax = 256;
/** Reads under way at once. */
const readsMax = 4;

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
    const waiting = spans(found);
    const readAll = async (): Promise<void> => {
      for (let span = waiting.shift(); span !== undefined; span = waiting.shift())
        await this.#resolve(span);
    };
    await Promise.all(Array.from({ length: readsMax }, readAll));
  }

  async #resolve(span: readonly (Claim & Place)[]): Promise<void> {
    const { gateway, index: first } = span[0]!;
    const entries = await this.#counted.read(gateway, first, span.at(-1)!.index + 1);
    for (const claim of span)
      this.#resolved.set(name(claim), sha256(entries[claim.index - first]!));
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

/** Claims that lie close together in one log, in order of place: each span is one read. */
function spans(found: readonly (Claim & Place)[]): (readonly (Claim & Place)[])[] {
  const sorted = found.toSorted((a, b) =>
    a.gateway === b.gateway ? a.index - b.index : a.gateway < b.gateway ? -1 : 1,
  );
  const result: (Claim & Place)[][] = [];
  for (const claim of sorted) {
    const span = result.at(-1);
    const fits =
      span !== undefined &&
      span[0]!.gateway === claim.gateway &&
      claim.index - span.at(-1)!.index <= gapEntriesMax &&
      claim.index - span[0]!.index < readEntriesMax;
    if (fits) span.push(claim);
    else result.push([claim]);
  }
  return result;
}
