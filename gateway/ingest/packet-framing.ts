// Follows MQTT's packet boundaries through a byte stream and refuses what no client may send here (MQTT 2.2). Pure.

import type { GatewayCode } from "../errors.ts";

export interface FramingProblem {
  readonly code: Extract<GatewayCode, `packet.${string}`>;
  readonly found: string;
}

// MQTT 2.2.1: control packet types that a client of QoS 0 and 1 sends.
const CONNECT = 1;
const PUBLISH = 3;
const PUBACK = 4;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const PINGREQ = 12;
const DISCONNECT = 14;
/** Flags that MQTT 2.2.2 fixes; PUBLISH has its own. */
const FLAGS: ReadonlyMap<number, number> = new Map([
  [CONNECT, 0],
  [PUBACK, 0],
  [SUBSCRIBE, 2],
  [UNSUBSCRIBE, 2],
  [PINGREQ, 0],
  [DISCONNECT, 0],
]);
const LENGTH_BYTES_MAX = 4;

/** State of the framing between two chunks: some bytes, however large the packet. */
export class PacketFraming {
  readonly #packetBytesMax: number;
  /** Bytes of the present packet's body still to come; -1 while its header is read. */
  #left = -1;
  #headerBytes = 0;
  #length = 0;
  /** Whole packets so far. */
  packets = 0;
  /** Whether the last chunk ended within a packet, and whether that packet began in it. */
  within = false;
  begun = false;

  constructor(packetBytesMax: number) {
    this.#packetBytesMax = packetBytesMax;
  }

  /** Takes the next bytes; the first problem, or null. After a problem the stream is lost. */
  feed(chunk: Uint8Array): FramingProblem | null {
    let at = 0;
    this.begun = false;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
      } else {
        const problem = this.#header(chunk[at++]!);
        if (problem !== null) return problem;
      }
      if (this.#left === 0) {
        this.packets += 1;
        this.#left = -1;
        this.#headerBytes = 0;
        this.#length = 0;
        this.begun = false;
      }
    }
    this.within = this.#headerBytes > 0;
    return null;
  }

  #header(byte: number): FramingProblem | null {
    this.#headerBytes += 1;
    if (this.#headerBytes === 1) {
      this.begun = true;
      return this.#first(byte);
    }
    // MQTT 2.2.3: seven bits a byte, lowest first, the top bit says that another follows.
    const position = this.#headerBytes - 2;
    if (position === LENGTH_BYTES_MAX - 1 && byte > 127)
      return { code: "packet.length", found: "a fifth length byte" };
    this.#length += (byte & 127) * 128 ** position;
    const total = this.#headerBytes + this.#length;
    if (total > this.#packetBytesMax) {
      return {
        code: "packet.too-large",
        found: `${total} bytes or more, at most ${this.#packetBytesMax}`,
      };
    }
    if (byte <= 127) this.#left = this.#length;
    return null;
  }

  #first(byte: number): FramingProblem | null {
    const type = byte >> 4;
    const flags = byte & 15;
    if ((type === CONNECT) !== (this.packets === 0))
      return { code: "packet.first", found: `type ${type}` };
    if (type === PUBLISH) {
      const qos = (flags >> 1) & 3;
      if (qos === 2) return { code: "packet.qos2", found: "PUBLISH with QoS 2" };
      return qos === 3 ? { code: "packet.flags", found: "QoS 3 (MQTT-3.3.1-4)" } : null;
    }
    const expected = FLAGS.get(type);
    if (expected === undefined) return { code: "packet.type", found: `type ${type}` };
    return flags === expected
      ? null
      : { code: "packet.flags", found: `${flags} for type ${type}, expected ${expected}` };
  }
}
