// The journal: admitted statements, durable before anyone hears of them, until the log has taken them (D4, life of a reading 3).

import type { Files } from "../ports.ts";
import { nodeFiles } from "./node-files.ts";
import { type JournalRecord, journalCodec } from "./record.ts";
import { type Cursor, openSegmentLog, type TornTail } from "./segment-log.ts";

export type { JournalRecord } from "./record.ts";
export type { Cursor } from "./segment-log.ts";

/** A durable record in its place. */
export interface Placed {
  readonly record: JournalRecord;
  /** Leaf hash of its statement. */
  readonly leaf: Uint8Array;
  /** Where the next record begins. */
  readonly next: Cursor;
}

export interface JournalOptions {
  readonly directory: string;
  readonly segmentBytesMax: number;
  readonly journalBytesMax: number;
  readonly files?: Files;
  readonly onGroup?: (records: number, bytes: number) => void;
}

export interface Journal {
  /** Resolves with the cursor behind the record once it is durable, in order of the calls. Errors: `journal.*`. */
  append(record: JournalRecord): Promise<Cursor>;
  /** Durable records from a cursor on, each with the cursor behind it. Errors: `journal.cursor`, `journal.corrupt`. */
  replay(from: Cursor): AsyncGenerator<{ readonly record: JournalRecord; readonly next: Cursor }>;
  /** Tells that nothing before the cursor will be replayed again: whole segments before it are removed. */
  release(upTo: Cursor): Promise<void>;
  start(): Cursor;
  end(): Cursor;
  bytes(): number;
  /** Why nothing can be appended any more (code), or null. */
  failure(): string | null;
  /** What the opening cut off behind the last whole record, or null. */
  readonly torn: TornTail | null;
  close(): Promise<void>;
}

/** Opens the journal of a folder. Errors: `journal.corrupt` with file and byte. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const log = await openSegmentLog({
    directory: options.directory,
    codec: journalCodec,
    files: options.files ?? nodeFiles,
    segmentBytesMax: options.segmentBytesMax,
    bytesMax: options.journalBytesMax,
    fullCode: "journal.full",
    ...(options.onGroup === undefined ? {} : { onGroup: options.onGroup }),
  });
  return {
    append: (record) => log.append(record).then(({ next }) => next),
    async *replay(from) {
      for await (const { value, next } of log.replay(from)) yield { record: value, next };
    },
    release: log.release,
    start: log.start,
    end: log.end,
    bytes: log.bytes,
    failure: () => log.failure()?.code ?? null,
    torn: log.torn,
    close: log.close,
  };
}
