// The two records of the quarantine, and their bytes: a message was refused; a refused message was settled.

import type { Codec } from "./segment-log.ts";

/** A message that was not admitted. */
export interface QuarantineRecord {
  /** Milliseconds since 1970, by the gateway's clock. */
  readonly arrivedAt: number;
  /** Why: a code of admit.ts or of core. */
  readonly reason: string;
  /** From the topic. */
  readonly building: string;
  readonly device: string;
  /** Key thumbprint that the message names, where it could be read. */
  readonly kid: Uint8Array | null;
  readonly sequence: number | null;
  /** The message as it came. */
  readonly payload: Uint8Array;
}

export type Entry =
  /** `sealed`: the payload may hold a body, and lies here sealed. */
  | { readonly type: "refused"; readonly record: QuarantineRecord; readonly sealed: boolean }
  /** `device` and `bytes` repeat those of the entry, so that replay needs no index. */
  | {
      readonly type: "settled";
      readonly id: number;
      readonly code: string;
      readonly device: string;
      readonly bytes: number;
    };

const REFUSED = 1;
const SETTLED = 2;
const SEALED = 3;
const NO_KID = new Uint8Array(32);
// Refused, its payload as it came or sealed: u8 type ‖ f64 arrivedAt ‖ f64 sequence (NaN: none) ‖ kid[32] (zero: none) ‖ 3 × (u8 length ‖ ASCII) ‖ payload
const REFUSED_HEAD_BYTES = 1 + 8 + 8 + 32;
// Settled: u8 type ‖ f64 id ‖ u32 bytes ‖ 2 × (u8 length ‖ ASCII)
const SETTLED_HEAD_BYTES = 1 + 8 + 4;

/** Codes, building and device ids are ASCII of at most 64 characters. */
function writeTexts(into: Buffer, at: number, texts: readonly string[]): number {
  for (const text of texts) {
    into[at] = text.length;
    into.write(text, at + 1, "latin1");
    at += 1 + text.length;
  }
  return at;
}

function readTexts(
  content: Buffer,
  at: number,
  count: number,
): { readonly texts: string[]; readonly end: number } {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const end = at + 1 + content[at]!;
    texts.push(content.toString("latin1", at + 1, end));
    at = end;
  }
  return { texts, end: at };
}

export const quarantineCodec: Codec<Entry> = {
  length(entry) {
    if (entry.type === "settled")
      return SETTLED_HEAD_BYTES + 2 + entry.code.length + entry.device.length;
    const { reason, building, device, payload } = entry.record;
    return (
      REFUSED_HEAD_BYTES + 3 + reason.length + building.length + device.length + payload.length
    );
  },
  write(entry, into, at) {
    if (entry.type === "settled") {
      into[at] = SETTLED;
      into.writeDoubleBE(entry.id, at + 1);
      into.writeUInt32BE(entry.bytes, at + 9);
      writeTexts(into, at + SETTLED_HEAD_BYTES, [entry.code, entry.device]);
      return;
    }
    const { record } = entry;
    into[at] = entry.sealed ? SEALED : REFUSED;
    into.writeDoubleBE(record.arrivedAt, at + 1);
    into.writeDoubleBE(record.sequence ?? Number.NaN, at + 9);
    into.set(record.kid ?? NO_KID, at + 17);
    const end = writeTexts(into, at + REFUSED_HEAD_BYTES, [
      record.reason,
      record.building,
      record.device,
    ]);
    into.set(record.payload, end);
  },
  read(content) {
    if (content[0] === SETTLED) {
      const [code, device] = readTexts(content, SETTLED_HEAD_BYTES, 2).texts as [string, string];
      return {
        type: "settled",
        id: content.readDoubleBE(1),
        bytes: content.readUInt32BE(9),
        code,
        device,
      };
    }
    const sequence = content.readDoubleBE(9);
    const kid = content.subarray(17, 49);
    const { texts, end } = readTexts(content, REFUSED_HEAD_BYTES, 3);
    const [reason, building, device] = texts as [string, string, string];
    const record = {
      arrivedAt: content.readDoubleBE(1),
      reason,
      building,
      device,
      kid: kid.equals(NO_KID) ? null : kid,
      sequence: Number.isNaN(sequence) ? null : sequence,
      payload: content.subarray(end),
    };
    return { type: "refused", record, sealed: content[0] === SEALED };
  },
};
