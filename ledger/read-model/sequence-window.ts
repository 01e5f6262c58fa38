// Which sequence numbers of a key were counted already: the recent ones in memory, the rest in the store (D4).

import { equal, type Hash32 } from "@muniment/core";

/** Sequence numbers a key keeps in memory; 40 bytes each. A power of two is not needed, only a fixed one. */
export const windowSequencesMax = 256;

/** What the memory says of one sequence number; `unsure` asks the store. */
export type WindowVerdict = "next" | "late" | "same" | "other" | "unsure";

/**
 * The window of one key. Slot `sequence mod width` holds the highest sequence counted there since the window was
 * opened, so a slot that holds a smaller one proves that this sequence was not counted since then.
 */
export class SequenceWindow {
  /** Highest sequence number counted; -1 before the first. */
  highest: number;
  /** Up to here the store may know sequences that this window never saw. */
  readonly #openedAt: number;
  readonly #sequences = new Float64Array(windowSequencesMax).fill(-1);
  readonly #hashes = new Uint8Array(windowSequencesMax * 32);

  /** `highest` is the highest sequence of this key in the store when the window opens, or -1. */
  constructor(highest: number) {
    this.highest = highest;
    this.#openedAt = highest;
  }

  look(sequence: number, hash: Hash32): WindowVerdict {
    if (sequence > this.highest) return "next";
    const slot = sequence % windowSequencesMax;
    const occupant = this.#sequences[slot]!;
    if (occupant === sequence) {
      return equal(this.#hashes.subarray(slot * 32, slot * 32 + 32), hash) ? "same" : "other";
    }
    return occupant < sequence && sequence > this.#openedAt ? "late" : "unsure";
  }

  /** Remembers a counted statement. */
  count(sequence: number, hash: Hash32): void {
    if (sequence > this.highest) this.highest = sequence;
    const slot = sequence % windowSequencesMax;
    if (this.#sequences[slot]! >= sequence) return;
    this.#sequences[slot] = sequence;
    this.#hashes.set(hash, slot * 32);
  }
}
