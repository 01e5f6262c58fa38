// The newest durable records, kept in memory until the log has taken them, so that a closing need not read them again (D3).

import type { Cursor, Placed } from "../journal/journal.ts";
import { compareCursors } from "../journal/segment-log.ts";
import { type BatchLimits, entryBytes } from "./policy.ts";

/** Batches that may wait here: one that is being closed, and what arrives meanwhile. */
const RECENT_BATCHES_MAX = 2;

/** An unbroken run of the journal up to its newest record. What does not fit is in the journal all the same. */
export class Recent {
  readonly #countMax: number;
  readonly #bytesMax: number;
  #records: Placed[] = [];
  #bytes = 0;
  /** The run lies between these two. */
  #from: Cursor;
  #to: Cursor;

  /** Empty, at the present end of the journal. */
  constructor(end: Cursor, { batchCountMax, batchBytesMax }: BatchLimits) {
    this.#countMax = RECENT_BATCHES_MAX * batchCountMax;
    this.#bytesMax = RECENT_BATCHES_MAX * batchBytesMax;
    this.#from = end;
    this.#to = end;
  }

  /** Takes the record that follows the last one in the journal. */
  add({ record, leaf, next }: Placed): void {
    const { statement, body } = record;
    this.#bytes += entryBytes(statement, body);
    if (this.#records.length >= this.#countMax || this.#bytes > this.#bytesMax) {
      this.#records = [];
      this.#bytes = entryBytes(statement, body);
      this.#from = this.#to;
    }
    // Copies: a part of a buffer keeps the whole of it alive, and that may be all that a socket read at once.
    this.#records.push({
      record: {
        ...record,
        statement: Buffer.from(statement),
        body: body === null ? null : Buffer.from(body),
      },
      leaf: Buffer.from(leaf),
      next,
    });
    this.#to = next;
  }

  /** All records behind the cursor; null when it is not within the run: then only the journal can tell. */
  since(cursor: Cursor): Placed[] | null {
    if (compareCursors(cursor, this.#from) < 0 || compareCursors(cursor, this.#to) > 0) return null;
    const first = this.#records.findIndex(({ next }) => compareCursors(next, cursor) > 0);
    return first === -1 ? [] : this.#records.slice(first);
  }

  /** Lets go of what lies before the cursor. */
  release(upTo: Cursor): void {
    const left = this.since(upTo);
    if (left === null) return;
    this.#records = left;
    this.#bytes = left.reduce(
      (sum, { record }) => sum + entryBytes(record.statement, record.body),
      0,
    );
    this.#from = upTo;
  }
}
