// What a verification worker found out about one message, and the compact bytes in which it says so.

import type { RefusalCode } from "./results.ts";

/** The judgement that needs no state but the key: parse, signature, claims, body. */
export interface Checked {
  /** Why it can not be admitted; null when parse, key, signature, claims and body are in order. */
  readonly code: RefusalCode | null;
  /** The fields below are read from the statement; they mean nothing when this is false. */
  readonly parsed: boolean;
  readonly kid: Uint8Array;
  readonly kidHex: string;
  /** Leaf hash of the statement, or of the whole message when it could not be parsed. */
  readonly hash: Uint8Array;
  readonly sequence: number;
  /** Latest time that the statement claims, its time of issue included, in seconds since 1970; 0 from a device without a
   * clock, which so is never in the future. */
  readonly timeMax: number;
  readonly statement: Uint8Array;
  readonly body: Uint8Array | null;
}

/** Where a statement and its body lie in a message (F8: F1, or the CBOR array [statement, body]). */
export interface Parts {
  readonly statementAt: number;
  readonly statementLength: number;
  /** 0 when there is no body. */
  readonly bodyAt: number;
  readonly bodyLength: number;
}

/** A result as the worker writes it. */
export interface Finding {
  readonly code: RefusalCode | null;
  readonly parsed: boolean;
  readonly kid: Uint8Array | null;
  readonly hash: Uint8Array;
  readonly sequence: number;
  readonly timeMax: number;
  readonly parts: Parts;
}

// u16 code (0: none, else 1 + index in the batch's list) ‖ u16 parsed ‖ 4 × u32 parts ‖ 2 × f64 ‖ kid[32] ‖ hash[32]
export const FINDING_BYTES = 4 + 16 + 16 + 64;

/** Writes one finding; `codes` collects the codes of the batch. */
export function writeFinding(finding: Finding, into: Buffer, at: number, codes: string[]): void {
  let code = 0;
  if (finding.code !== null) {
    const known = codes.indexOf(finding.code);
    code = known === -1 ? codes.push(finding.code) : known + 1;
  }
  into.writeUInt16LE(code, at);
  into.writeUInt16LE(finding.parsed ? 1 : 0, at + 2);
  into.writeUInt32LE(finding.parts.statementAt, at + 4);
  into.writeUInt32LE(finding.parts.statementLength, at + 8);
  into.writeUInt32LE(finding.parts.bodyAt, at + 12);
  into.writeUInt32LE(finding.parts.bodyLength, at + 16);
  into.writeDoubleLE(finding.sequence, at + 20);
  into.writeDoubleLE(finding.timeMax, at + 28);
  if (finding.kid === null) into.fill(0, at + 36, at + 68);
  else into.set(finding.kid, at + 36);
  into.set(finding.hash, at + 68);
}

/** Reads one finding back, beside the message that it is about. */
export function readFinding(
  from: Buffer,
  at: number,
  codes: readonly string[],
  payload: Uint8Array,
): Checked {
  const code = from.readUInt16LE(at);
  const statementAt = from.readUInt32LE(at + 4);
  const statementEnd = statementAt + from.readUInt32LE(at + 8);
  const bodyAt = from.readUInt32LE(at + 12);
  const kid = from.subarray(at + 36, at + 68);
  return {
    code: code === 0 ? null : (codes[code - 1] as RefusalCode),
    parsed: from.readUInt16LE(at + 2) === 1,
    kid,
    kidHex: kid.toString("hex"),
    hash: from.subarray(at + 68, at + 100),
    sequence: from.readDoubleLE(at + 20),
    timeMax: from.readDoubleLE(at + 28),
    statement:
      statementEnd - statementAt === payload.length
        ? payload
        : payload.subarray(statementAt, statementEnd),
    body: bodyAt === 0 ? null : payload.subarray(bodyAt, bodyAt + from.readUInt32LE(at + 16)),
  };
}
