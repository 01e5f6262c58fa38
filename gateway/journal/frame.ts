// One framed record of a segment file: u32 length ‖ u32 CRC-32 ‖ payload, where payload = u32 durable ‖ content.

import { crc32 } from "node:zlib";

/** Bytes in front of the content: length, CRC, and the durable mark. */
export const FRAME_HEAD_BYTES = 12;
/** Content of one frame: a message of the broker and its bookkeeping are far below. */
export const CONTENT_BYTES_MAX = 256 << 10;

/** Seals the frame at [at, at + FRAME_HEAD_BYTES + length) of `buffer`, whose content is already in place.
 * `durable` is the offset up to which the segment was known to be durable when the frame was written: a frame
 * found behind a damaged one tells by it whether the damage is a torn write or destroyed what was safe. */
export function sealFrame(
  buffer: Buffer,
  at: number,
  contentLength: number,
  durable: number,
): void {
  buffer.writeUInt32BE(contentLength + 4, at);
  buffer.writeUInt32BE(durable, at + 8);
  buffer.writeUInt32BE(
    crc32(buffer.subarray(at + 8, at + FRAME_HEAD_BYTES + contentLength)),
    at + 4,
  );
}

export interface Frame {
  readonly content: Buffer;
  readonly durable: number;
  /** Offset in `bytes` behind the frame. */
  readonly end: number;
}

/** The whole, undamaged frame at `at`, or null. */
export function readFrame(bytes: Buffer, at: number): Frame | null {
  if (at + FRAME_HEAD_BYTES > bytes.length) return null;
  const length = bytes.readUInt32BE(at);
  const end = at + 8 + length;
  if (length < 4 || length > CONTENT_BYTES_MAX + 4 || end > bytes.length) return null;
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32BE(at + 4)) return null;
  return {
    content: bytes.subarray(at + FRAME_HEAD_BYTES, end),
    durable: bytes.readUInt32BE(at + 8),
    end,
  };
}

/** Whether some undamaged frame behind `at` was written when the bytes at `at` were already durable. If so,
 * the damage at `at` is not a torn write. */
export function wasDurable(bytes: Buffer, at: number): boolean {
  for (let next = at + 1; next + FRAME_HEAD_BYTES <= bytes.length; next++) {
    const durable = bytes.readUInt32BE(next + 8);
    if (durable <= at || durable > next) continue;
    if (readFrame(bytes, next) !== null) return true;
  }
  return false;
}
