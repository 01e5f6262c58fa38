// CoAP messages (RFC 7252 3), read strictly: coap-packet takes them apart, and must put the same bytes together again.

import { generate, type OptionName, parse } from "coap-packet";

export type CoapType = "CON" | "NON" | "ACK" | "RST";

/** An option by its name, or its number in digits when it has none that is known. */
export interface CoapOption {
  readonly name: string;
  readonly value: Uint8Array;
}

export interface CoapMessage {
  readonly type: CoapType;
  /** "0.02" for POST, "2.04" for Changed, "0.00" for an empty message. */
  readonly code: string;
  readonly messageId: number;
  readonly token: Uint8Array;
  readonly options: readonly CoapOption[];
  readonly payload: Uint8Array;
}

/** Bytes that are no message. `resets` is the message id that a reset must name, or null when they are to be ignored. */
export interface CoapFault {
  readonly type: "fault";
  readonly resets: number | null;
}

export const EMPTY = "0.00";
export const NO_BYTES: Uint8Array = new Uint8Array(0);

const HEADER_BYTES = 4;
const TOKEN_BYTES_MAX = 8; // RFC 7252 3: 9 to 15 are reserved

/** Reads a message. What is not one comes back as a fault, never as an exception. */
export function decodeMessage(bytes: Uint8Array): CoapMessage | CoapFault {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const packet = parse(buffer);
    const type = packet.confirmable ? "CON" : packet.ack ? "ACK" : packet.reset ? "RST" : "NON";
    const { code, messageId, token, payload } = packet;
    const options = packet.options.map(({ name, value }) => ({ name: String(name), value }));
    const message = { type, code, messageId, token, options, payload } as const;
    if (token.length > TOKEN_BYTES_MAX || !buffer.equals(encodeMessage(message)))
      return faultOf(bytes);
    return message;
  } catch {
    return faultOf(bytes);
  }
}

/** A message that was cut off, as far as its id and token: enough to answer it. Null when it is not a confirmable request. */
export function decodeHead(
  head: Uint8Array,
): Pick<CoapMessage, "type" | "messageId" | "token"> | null {
  const tokenLength = head[0]! & 0x0f;
  if (head.length < HEADER_BYTES + tokenLength || tokenLength > TOKEN_BYTES_MAX) return null;
  const isRequest = head[1]! >>> 5 === 0 && head[1] !== 0;
  if (head[0]! >>> 4 !== 0b0100 || !isRequest) return null;
  return {
    type: "CON",
    messageId: messageIdOf(head),
    token: head.slice(HEADER_BYTES, HEADER_BYTES + tokenLength),
  };
}

/** The bytes of a message. Options come out in the order of their numbers. */
export function encodeMessage(message: CoapMessage): Uint8Array {
  return generate(
    {
      confirmable: message.type === "CON",
      ack: message.type === "ACK",
      reset: message.type === "RST",
      code: message.code,
      messageId: message.messageId,
      token: Buffer.from(message.token),
      options: message.options.map(({ name, value }) => ({
        name: name as OptionName,
        value: Buffer.from(value),
      })),
      payload: Buffer.from(message.payload),
    },
    Number.POSITIVE_INFINITY, // the limit is the frame's
  );
}

/** The empty message that rejects another one (RFC 7252 4.2). */
export function encodeReset(messageId: number): Uint8Array {
  return encodeMessage({
    type: "RST",
    code: EMPTY,
    messageId,
    token: NO_BYTES,
    options: [],
    payload: NO_BYTES,
  });
}

/** An unsigned integer as an option carries it: no leading zeros, 0 is no bytes (RFC 7252 3.2). */
export function uintOption(name: OptionName, value: number): CoapOption {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return { name, value: Uint8Array.from(bytes) };
}

/** The value of an unsigned integer option; null when it has more than four bytes. */
export function uintOf({ value }: CoapOption): number | null {
  return value.length > 4 ? null : value.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** RFC 7252 4.2: a confirmable message with a format error is rejected; another version is ignored (3). */
function faultOf(bytes: Uint8Array): CoapFault {
  const confirmable = bytes.length >= HEADER_BYTES && bytes[0]! >>> 4 === 0b0100;
  return { type: "fault", resets: confirmable ? messageIdOf(bytes) : null };
}

function messageIdOf(bytes: Uint8Array): number {
  return (bytes[2]! << 8) | bytes[3]!;
}
