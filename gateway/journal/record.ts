// The journal's record of one admitted statement, and its bytes.

import type { Codec } from "./segment-log.ts";

/** One admitted statement as it waits for the log. */
export interface JournalRecord {
  /** Milliseconds since 1970, by the gateway's clock. */
  readonly arrivedAt: number;
  /** Came behind a higher sequence number of its key. */
  readonly late: boolean;
  /** Key thumbprint, 32 bytes. */
  readonly kid: Uint8Array;
  readonly sequence: number;
  readonly statement: Uint8Array;
  /** Body of an access event (F2). */
  readonly body: Uint8Array | null;
}

const LATE = 1;
const BODY = 2;
// u8 flags ‖ f64 arrivedAt ‖ f64 sequence ‖ kid[32] ‖ u32 statement length ‖ statement ‖ body
const HEAD_BYTES = 1 + 8 + 8 + 32 + 4;

export const journalCodec: Codec<JournalRecord> = {
  length: ({ statement, body }) => HEAD_BYTES + statement.length + (body?.length ?? 0),
  write(record, into, at) {
    into[at] = (record.late ? LATE : 0) | (record.body === null ? 0 : BODY);
    into.writeDoubleBE(record.arrivedAt, at + 1);
    into.writeDoubleBE(record.sequence, at + 9);
    into.set(record.kid, at + 17);
    into.writeUInt32BE(record.statement.length, at + 49);
    into.set(record.statement, at + HEAD_BYTES);
    if (record.body !== null) into.set(record.body, at + HEAD_BYTES + record.statement.length);
  },
  read(content) {
    const flags = content[0]!;
    const split = HEAD_BYTES + content.readUInt32BE(49);
    return {
      arrivedAt: content.readDoubleBE(1),
      late: (flags & LATE) !== 0,
      kid: content.subarray(17, 49),
      sequence: content.readDoubleBE(9),
      statement: content.subarray(HEAD_BYTES, split),
      body: (flags & BODY) !== 0 ? content.subarray(split) : null,
    };
  },
};
