// The journal: admitted statements, durable before anyone hears of them, until the log has taken them (D4, life of a reading 3).

import { GatewayError } from "../errors.ts";
import type { Files, Vault } from "../ports.ts";
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
  /** Bodies of access events lie here sealed. */
  readonly vault: Vault;
  readonly onGroup?: (records: number, bytes: number) => void;
}

export interface Journal {
  /** Resolves with the cursor behind the record once it is durable, in order of the calls. Errors: `journal.*`. */
  append(record: JournalRecord): Promise<Cursor>;
  /** As append(), but tells by a call: for the road that every statement takes. */
  appendThen(record: JournalRecord, tell: (outcome: Cursor | GatewayError) => void): void;
  /** Durable records from a cursor on, each with the cursor behind it; without the body where its key is gone. Errors:
   * `journal.cursor`, `journal.corrupt`. */
  replay(from: Cursor): AsyncGenerator<{ readonly record: JournalRecord; readonly next: Cursor }>;
  /** Tells that nothing before the cursor will be replayed again: whole segments before it are removed. */
  release(upTo: Cursor): Promise<void>;
  /** Bodies as they are sealed, of the records that may be replayed again. */
  sealed(): AsyncGenerator<Uint8Array>;
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
  const { vault } = options;
  const sealed = (record: JournalRecord): JournalRecord =>
    record.body === null ? record : { ...record, body: vault.seal(record.body) };
  let released = log.start();
  return {
    append: (record) => log.append(sealed(record)).then(({ next }) => next),
    appendThen: (record, tell) =>
      log.appendThen(sealed(record), (outcome) =>
        tell(outcome instanceof GatewayError ? outcome : outcome.next),
      ),
    async *replay(from) {
      for await (const { value, next } of log.replay(from)) {
        const { body } = value;
        yield { record: body === null ? value : { ...value, body: vault.open(body) }, next };
      }
    },
    async release(upTo) {
      await log.release(upTo);
      released = upTo;
    },
    async *sealed() {
      for await (const { value } of log.replay(released)) if (value.body !== null) yield value.body;
    },
    start: log.start,
    end: log.end,
    bytes: log.bytes,
    failure: () => log.failure()?.code ?? null,
    torn: log.torn,
    close: log.close,
  };
}
