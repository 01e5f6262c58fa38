// Bytes in, frames and discards out: one pass, bounded memory, indifferent to how the bytes were cut (F9).

import {
  END,
  ESCAPE,
  ESCAPED_END,
  ESCAPED_ESCAPE,
  FCS_GOOD,
  FCS_START,
  FRAME_TYPE,
  fcsStep,
  frameBytesMax,
} from "./frame.ts";

/** Why bytes between two delimiters were no frame. */
export const DISCARDS = {
  fcs: "the check sequence does not fit: noise",
  short: "too short for a CoAP message and its check sequence",
  "too-long": "longer than a frame may be",
  escape: "an escape before a byte that is never escaped",
  aborted: "the sender broke it off (escape, then end)",
  ip: "an IP packet: not offered on this line",
  type: "a type byte that slipmux does not know",
} as const;

export type Discard = keyof typeof DISCARDS;

/** What stood between two delimiters. `bytes` counts them unescaped. */
export type Frame =
  | { readonly kind: "coap"; readonly message: Uint8Array }
  /** A CoAP message that came through whole but is longer than allowed; `head` is its beginning. */
  | { readonly kind: "oversize"; readonly head: Uint8Array; readonly bytes: number }
  | { readonly kind: "diagnostic"; readonly text: string }
  | { readonly kind: "discarded"; readonly reason: Discard; readonly bytes: number };

const COAP_HEADER_BYTES = 4;
const FCS_BYTES = 2;

/** One direction of one connection. */
export class FrameDecoder {
  readonly #content = new Uint8Array(frameBytesMax);
  /** Bytes of the frame so far; those beyond the limit are counted and checked, not kept. */
  #length = 0;
  #fcs = FCS_START;
  #escaped = false;
  #broken: Discard | null = null;

  /** Takes the next bytes; returns the frames that they end, in order. Empty frames are nothing. */
  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    for (const byte of chunk) {
      if (byte === END) {
        if (this.#escaped) this.#broken ??= "aborted";
        if (this.#length > 0 || this.#broken !== null) frames.push(this.#frame());
        this.#reset();
      } else if (this.#escaped) {
        this.#escaped = false;
        if (byte === ESCAPED_END) this.#take(END);
        else if (byte === ESCAPED_ESCAPE) this.#take(ESCAPE);
        else {
          this.#broken ??= "escape";
          this.#take(byte);
        }
      } else if (byte === ESCAPE) this.#escaped = true;
      else this.#take(byte);
    }
    return frames;
  }

  #take(byte: number): void {
    if (this.#length < frameBytesMax) this.#content[this.#length] = byte;
    this.#fcs = fcsStep(this.#fcs, byte);
    this.#length += 1;
  }

  #reset(): void {
    this.#length = 0;
    this.#fcs = FCS_START;
    this.#escaped = false;
    this.#broken = null;
  }

  #frame(): Frame {
    const bytes = this.#length;
    const discarded = (reason: Discard): Frame => ({ kind: "discarded", reason, bytes });
    if (this.#broken !== null) return discarded(this.#broken);
    const type = this.#content[0]!;
    if (type === FRAME_TYPE.coap) {
      if (bytes < 1 + COAP_HEADER_BYTES + FCS_BYTES) return discarded("short");
      const good = this.#fcs === FCS_GOOD;
      if (bytes > frameBytesMax)
        return good
          ? { kind: "oversize", head: this.#content.slice(1), bytes }
          : discarded("too-long");
      if (!good) return discarded("fcs");
      return { kind: "coap", message: this.#content.slice(1, bytes - FCS_BYTES) };
    }
    if (bytes > frameBytesMax) return discarded("too-long");
    if (type === FRAME_TYPE.diagnostic)
      return {
        kind: "diagnostic",
        text: Buffer.from(this.#content.subarray(1, bytes)).toString("utf8"),
      };
    return discarded(isIp(type) ? "ip" : "type");
  }
}

function isIp(type: number): boolean {
  return (type >= 0x45 && type <= 0x4f) || (type >= 0x60 && type <= 0x6f);
}
