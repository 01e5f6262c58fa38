// Transactions that wait for the next block, in the order they came, with a limit on how many and how large.

import type { Submission } from "./consensus.ts";

export interface QueueLimits {
  readonly queueTransactionsMax: number;
  readonly queueBytesMax: number;
  readonly blockTransactionsMax: number;
  readonly blockBytesMax: number;
}

/** A block of this size keeps the process busy for some tens of milliseconds; the queue holds a few seconds of work. */
export const QUEUE_LIMITS: QueueLimits = {
  queueTransactionsMax: 8_192,
  queueBytesMax: 16 * 1024 * 1024,
  blockTransactionsMax: 256,
  blockBytesMax: 4 * 1024 * 1024,
};

/** One transaction and whoever waits for its outcome. */
export interface Waiting {
  readonly transaction: Uint8Array;
  readonly resolve: (submission: Submission) => void;
  readonly reject: (error: Error) => void;
}

export class TransactionQueue {
  readonly #limits: QueueLimits;
  #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Whether a transaction of so many bytes still fits. */
  hasRoom(bytes: number): boolean {
    return (
      this.#waiting.length < this.#limits.queueTransactionsMax &&
      this.#bytes + bytes <= this.#limits.queueBytesMax
    );
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#bytes += waiting.transaction.length;
  }

  /** The oldest transactions that fit one block; at least one, when any waits. */
  takeBlock(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { transaction } of this.#waiting) {
      bytes += transaction.length;
      if (
        count === this.#limits.blockTransactionsMax ||
        (count > 0 && bytes > this.#limits.blockBytesMax)
      )
        break;
      count += 1;
    }
    return this.#take(count);
  }

  takeAll(): Waiting[] {
    return this.#take(this.#waiting.length);
  }

  #take(count: number): Waiting[] {
    const taken = this.#waiting.splice(0, count);
    for (const { transaction } of taken) this.#bytes -= transaction.length;
    return taken;
  }
}
