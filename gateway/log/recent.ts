// The newest durable records, kept in memory until the log has taken them, so that a closing need not read them again (D3).

import type { Cursor, Placed } from "../journal/journal.ts";
import { journalCodec } from "../journal/record.ts";
import { compareCursors } from "../journal/segment-log.ts";
import { type BatchLimits, entryBytes } from "./policy.ts";

/** Batches that may wait here: one that is being closed, and what arrives meanwhile. */
const RECENT_BATCHES_MAX = 2;
/** Bytes of one block; a longer record has a block of its own. */
const BLOCK_BYTES = 256 << 10;
// u32 content length ‖ u32 entry bytes ‖ u32 segment and f64 offset of the next record ‖ leaf[32] ‖ content, as in the journal
const HEAD_BYTES = 4 + 4 + 4 + 8 + 32;

/** Records one after the other. What was read from a socket is copied into it, and no object a record has to be kept. */
interface Block {
  readonly bytes: Buffer;
  used: number;
  /** Behind the last record. */
  to: Cursor;
}

/** An unbroken run of the journal up to its newest record. What does not fit is in the journal all the same. */
export class Recent {
  readonly #countMax: number;
  readonly #bytesMax: number;
  #blocks: Block[] = [];
  #count = 0;
  #bytes = 0;
  /** The run lies between these two; blocks may begin before it. */
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
    const bytes = entryBytes(record.statement, record.body);
    if (this.#count >= this.#countMax || this.#bytes + bytes > this.#bytesMax) {
      this.#blocks = [];
      this.#count = 0;
      this.#bytes = 0;
      this.#from = this.#to;
    }
    write(this.#roomFor(HEAD_BYTES + journalCodec.length(record)), { record, leaf, next });
    this.#count += 1;
    this.#bytes += bytes;
    this.#to = next;
  }

  /** The last block, or a new one when the record does not fit in there. */
  #roomFor(length: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.used + length <= last.bytes.length) return last;
    const block: Block = {
      bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length)),
      used: 0,
      to: this.#to,
    };
    this.#blocks.push(block);
    return block;
  }

  /** All records behind the cursor; null when it is not within the run: then only the journal can tell. */
  since(cursor: Cursor): Iterable<Placed> | null {
    if (compareCursors(cursor, this.#from) < 0 || compareCursors(cursor, this.#to) > 0) return null;
    return records(this.#blocks, cursor);
  }

  /** Lets go of what lies before the cursor. */
  release(upTo: Cursor): void {
    if (this.since(upTo) === null) return;
    this.#count = 0;
    this.#bytes = 0;
    for (const { block, at } of places(this.#blocks, upTo)) {
      this.#count += 1;
      this.#bytes += block.bytes.readUInt32LE(at + 4);
    }
    this.#blocks = this.#blocks.filter(({ to }) => compareCursors(to, upTo) > 0);
    this.#from = upTo;
  }
}

function write(block: Block, { record, leaf, next }: Placed): void {
  const { bytes, used: at } = block;
  const length = journalCodec.length(record);
  bytes.writeUInt32LE(length, at);
  bytes.writeUInt32LE(entryBytes(record.statement, record.body), at + 4);
  bytes.writeUInt32LE(next.segment, at + 8);
  bytes.writeDoubleLE(next.offset, at + 12);
  bytes.set(leaf, at + 20);
  journalCodec.write(record, bytes, at + HEAD_BYTES);
  block.used = at + HEAD_BYTES + length;
  block.to = next;
}

/** Where the records behind the cursor lie, each with the cursor behind it. */
function* places(
  blocks: readonly Block[],
  cursor: Cursor,
): Generator<{ readonly block: Block; readonly at: number; readonly next: Cursor }> {
  for (const block of blocks) {
    const { bytes, used, to } = block;
    if (compareCursors(to, cursor) <= 0) continue;
    for (let at = 0; at < used; at += HEAD_BYTES + bytes.readUInt32LE(at)) {
      const next = { segment: bytes.readUInt32LE(at + 8), offset: bytes.readDoubleLE(at + 12) };
      if (compareCursors(next, cursor) > 0) yield { block, at, next };
    }
  }
}

/** The records behind the cursor, as views on the blocks. */
function* records(blocks: readonly Block[], cursor: Cursor): Generator<Placed> {
  for (const { block, at, next } of places(blocks, cursor)) {
    const { bytes } = block;
    const content = at + HEAD_BYTES;
    const record = journalCodec.read(bytes.subarray(content, content + bytes.readUInt32LE(at)));
    yield { record, leaf: bytes.subarray(at + 20, content), next };
  }
}
