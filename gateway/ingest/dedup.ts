// Which (key, sequence) was seen: per key the highest sequence and the hashes of the last 1,024 (D4, life of a reading 2).

import { leafHash, toHex } from "@muniment/core";
import type { JournalRecord } from "../journal/journal.ts";

/** Sequence numbers at or below the highest minus this are too old to judge. */
export const WINDOW_SEQUENCES = 1_024;
const HASH_BYTES = 8;
const BITMAP_BYTES = WINDOW_SEQUENCES / 8;

/** `new`: above all seen. `late`: unseen, below the highest. `duplicate`: the same bytes again. `conflict`: other
 * bytes under a seen sequence. `sequence-too-old`: behind the window. */
export type Verdict = "new" | "late" | "duplicate" | "conflict" | "sequence-too-old";

/** What is reserved for a statement that is on its way to the journal. */
interface Reservation {
  readonly hash: Uint8Array;
  readonly waiting: ((durable: boolean) => void)[];
}

/** Seen sequences of one key. Slot s holds the hash of the one sequence in the window that is s modulo 1,024. */
class Window {
  highest = -1;
  readonly hashes = new Uint8Array(WINDOW_SEQUENCES * HASH_BYTES);
  readonly reserved = new Map<number, Reservation>();
  highestReserved = -1;

  /** Idempotent, so that replay may pass over what is already in. */
  add(sequence: number, hash: Uint8Array): void {
    if (sequence <= this.highest - WINDOW_SEQUENCES) return;
    if (sequence > this.highest) {
      const skipped = Math.min(sequence - this.highest - 1, WINDOW_SEQUENCES);
      for (let n = 1; n <= skipped; n++) {
        const at = slotOf(sequence - n);
        this.hashes.fill(0, at, at + HASH_BYTES);
      }
      this.highest = sequence;
    }
    const at = slotOf(sequence);
    for (let i = 0; i < HASH_BYTES; i++) this.hashes[at + i] = hash[i]!;
    if (isUnseen(this.hashes, at)) this.hashes[at] = 1;
  }

  judge(sequence: number, hash: Uint8Array): Verdict {
    const reserved = this.reserved.get(sequence);
    if (reserved !== undefined) return sameHash(reserved.hash, 0, hash) ? "duplicate" : "conflict";
    const highest = Math.max(this.highest, this.highestReserved);
    if (sequence > highest) return "new";
    if (sequence <= highest - WINDOW_SEQUENCES) return "sequence-too-old";
    const at = slotOf(sequence);
    if (sequence > this.highest || isUnseen(this.hashes, at)) return "late";
    return sameHash(this.hashes, at, hash) ? "duplicate" : "conflict";
  }
}

function slotOf(sequence: number): number {
  return (sequence % WINDOW_SEQUENCES) * HASH_BYTES;
}

/** Eight zero bytes mean "not seen"; a hash that begins so is kept as 01 00 … 00. */
function isUnseen(hashes: Uint8Array, at: number): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (hashes[at + i] !== 0) return false;
  return true;
}

/** Whether the hash kept at `at` is the beginning of `hash`. */
function sameHash(kept: Uint8Array, at: number, hash: Uint8Array): boolean {
  const first = isUnseen(hash, 0) && !isUnseen(kept, at) ? 1 : hash[0];
  if (kept[at] !== first) return false;
  for (let i = 1; i < HASH_BYTES; i++) if (kept[at + i] !== hash[i]) return false;
  return true;
}

/** The windows of all keys. A statement is judged, reserved while it is on its way to the disk, and enters its
 * window only when durable: what is exported is never ahead of the journal. */
export class Dedup {
  readonly #windows = new Map<string, Window>();

  #of(kidHex: string): Window {
    let window = this.#windows.get(kidHex);
    if (window === undefined) {
      window = new Window();
      this.#windows.set(kidHex, window);
    }
    return window;
  }

  /** What a statement with this leaf hash would be, now. Changes nothing. */
  judge(kidHex: string, sequence: number, hash: Uint8Array): Verdict {
    return this.#windows.get(kidHex)?.judge(sequence, hash) ?? "new";
  }

  /** The statement, judged new or late, is on its way to the journal. */
  reserve(kidHex: string, sequence: number, hash: Uint8Array): void {
    const window = this.#of(kidHex);
    window.reserved.set(sequence, { hash, waiting: [] });
    if (sequence > window.highestReserved) window.highestReserved = sequence;
  }

  /** The reserved statement is durable, or failed to be. Tells those that wait for it. */
  settle(kidHex: string, sequence: number, durable: boolean): void {
    const window = this.#of(kidHex);
    const reservation = window.reserved.get(sequence);
    if (reservation === undefined) return;
    window.reserved.delete(sequence);
    if (window.reserved.size === 0) window.highestReserved = -1;
    if (durable) window.add(sequence, reservation.hash);
    for (const tell of reservation.waiting) tell(durable);
  }

  /** Calls back with whether the first copy of a duplicate is durable: at once, or when it is settled. */
  whenSettled(kidHex: string, sequence: number, tell: (durable: boolean) => void): void {
    const reservation = this.#windows.get(kidHex)?.reserved.get(sequence);
    if (reservation === undefined) tell(true);
    else reservation.waiting.push(tell);
  }

  /** Resolves when everything reserved before the call is settled. */
  async settled(): Promise<void> {
    const settling: Promise<void>[] = [];
    for (const [kidHex, { reserved }] of this.#windows) {
      for (const sequence of reserved.keys()) {
        settling.push(
          new Promise((resolve) => this.whenSettled(kidHex, sequence, () => resolve())),
        );
      }
    }
    await Promise.all(settling);
  }

  /** A record that is durable in the journal (replay) or in the ledger (rebuilding). Idempotent. */
  note(record: Pick<JournalRecord, "kid" | "sequence" | "statement">): void {
    this.#of(toHex(record.kid)).add(record.sequence, leafHash(record.statement));
  }

  /** The window of one key, packed: f64 highest ‖ bitmap of the slots in use ‖ their 8-byte hashes. */
  export(kidHex: string): Uint8Array {
    const { highest, hashes } = this.#of(kidHex);
    // Word by word: this runs for every key of every batch.
    const words = new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length / 4);
    const packed = new Uint8Array(8 + BITMAP_BYTES + hashes.length);
    new DataView(packed.buffer).setFloat64(0, highest);
    const into = new Uint8Array(packed.buffer, 8 + BITMAP_BYTES);
    let used = 0;
    for (let slot = 0; slot < WINDOW_SEQUENCES; slot++) {
      if ((words[2 * slot]! | words[2 * slot + 1]!) === 0) continue;
      packed[8 + (slot >> 3)]! |= 1 << (slot & 7);
      for (let n = 0; n < HASH_BYTES; n++) into[used + n] = hashes[slot * HASH_BYTES + n]!;
      used += HASH_BYTES;
    }
    return packed.slice(0, 8 + BITMAP_BYTES + used);
  }

  /** Puts back what export() gave, before anything of that key is judged. */
  import(kidHex: string, packed: Uint8Array): void {
    const window = this.#of(kidHex);
    const view = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
    window.highest = view.readDoubleBE(0);
    let at = 8 + BITMAP_BYTES;
    for (let slot = 0; slot < WINDOW_SEQUENCES; slot++) {
      if ((view[8 + (slot >> 3)]! & (1 << (slot & 7))) === 0) continue;
      window.hashes.set(view.subarray(at, at + HASH_BYTES), slot * HASH_BYTES);
      at += HASH_BYTES;
    }
  }
}
