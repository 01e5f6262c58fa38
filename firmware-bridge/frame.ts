// slipmux frames (draft-bormann-t2trg-slipmux-03): SLIP delimiters and escapes (RFC 1055), a type byte, FCS-16 (RFC 1662 C.2) for CoAP (F9).

import { BridgeError } from "./errors.ts";

export const END = 0xc0;
export const ESCAPE = 0xdb;
export const ESCAPED_END = 0xdc;
export const ESCAPED_ESCAPE = 0xdd;

/** First byte of a frame. A first byte of 45-4F or 60-6F is that of an IP packet. */
export const FRAME_TYPE = { diagnostic: 0x0a, coap: 0xa9 } as const;

/** Longest frame between its delimiters, before escaping: type, message and FCS (F9). */
export const frameBytesMax = 1_280;
/** Longest CoAP message that fits a frame. */
export const messageBytesMax: number = frameBytesMax - 3;

/** Where a check sequence begins. */
export const FCS_START = 0xffff;
/** What is left after a good frame, its FCS included. */
export const FCS_GOOD = 0xf0b8;

/** x^16 + x^12 + x^5 + 1, least significant bit first. */
const TABLE: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x8408 : value >>> 1;
  return value;
});

/** The running check sequence after one more byte. */
export function fcsStep(fcs: number, byte: number): number {
  return (fcs >>> 8) ^ TABLE[(fcs ^ byte) & 0xff]!;
}

/** The 16-bit frame check sequence of some bytes; it travels low byte first. */
export function fcs16(bytes: Uint8Array): number {
  let fcs = FCS_START;
  for (const byte of bytes) fcs = fcsStep(fcs, byte);
  return fcs ^ 0xffff;
}

/** A CoAP message as it goes over the wire. Errors: `frame.too-long`. */
export function encodeCoapFrame(message: Uint8Array): Uint8Array {
  if (message.length > messageBytesMax)
    throw new BridgeError(
      "frame.too-long",
      `expected at most ${messageBytesMax} bytes, found ${message.length}`,
    );
  const content = new Uint8Array(message.length + 3);
  content[0] = FRAME_TYPE.coap;
  content.set(message, 1);
  const fcs = fcs16(content.subarray(0, -2));
  content[content.length - 2] = fcs & 0xff;
  content[content.length - 1] = fcs >>> 8;
  return delimit(content);
}

/** A line of text for people who look at the log. It has no check sequence. Errors: `frame.too-long`. */
export function encodeDiagnosticFrame(text: string): Uint8Array {
  const content = Buffer.from(`\n${text}`); // the type byte is a line feed: a plain terminal shows the text
  if (content.length > frameBytesMax)
    throw new BridgeError(
      "frame.too-long",
      `expected at most ${frameBytesMax} bytes, found ${content.length}`,
    );
  return delimit(content);
}

/** A delimiter on both sides: whatever noise came before ends there. */
function delimit(content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 * content.length + 2);
  let at = 0;
  frame[at++] = END;
  for (const byte of content) {
    if (byte === END || byte === ESCAPE) {
      frame[at++] = ESCAPE;
      frame[at++] = byte === END ? ESCAPED_END : ESCAPED_ESCAPE;
    } else frame[at++] = byte;
  }
  frame[at++] = END;
  return frame.subarray(0, at);
}
