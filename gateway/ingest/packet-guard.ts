// Stands between socket and broker and ends connections that break MQTT's framing, before the broker buffers anything (MQTT 2.2, iot notes 1).

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type GatewayCode, GatewayError } from "../errors.ts";
import { PacketFraming } from "./packet-framing.ts";

export interface GuardLimits {
  /** Fixed header included. */
  readonly packetBytesMax: number;
  /** From the connection to the end of CONNECT. */
  readonly connectMsMax: number;
  /** From the first byte of a packet to its last. */
  readonly packetMsMax: number;
  /** Without a byte in either direction. */
  readonly idleMsMax: number;
}

/** A socket as the broker sees it: only whole, plausible packets' bytes pass; everything else ends it with a code. */
export class PacketGuard extends Duplex {
  readonly socket: Socket;
  readonly #framing: PacketFraming;
  readonly #limits: GuardLimits;
  readonly #connectTimer: NodeJS.Timeout;
  #packetSince = 0;

  constructor(socket: Socket, limits: GuardLimits) {
    super({ allowHalfOpen: false });
    this.socket = socket;
    this.#framing = new PacketFraming(limits.packetBytesMax);
    this.#limits = limits;
    this.#connectTimer = setTimeout(
      () => this.#end("connect.timeout", `within ${limits.connectMsMax} ms`),
      limits.connectMsMax,
    );
    socket.setTimeout(limits.idleMsMax);
    socket.on("timeout", () => {
      if (this.#framing.within) this.#end("packet.slow", `within ${limits.packetMsMax} ms`);
      else this.#end("connect.idle", `for ${limits.idleMsMax} ms`);
    });
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  #end(code: GatewayCode, found: string): void {
    this.destroy(new GatewayError(code, found));
  }

  #received(chunk: Buffer): void {
    if (this.destroyed) return;
    const { packetMsMax, idleMsMax } = this.#limits;
    const wasWithin = this.#framing.within;
    const problem = this.#framing.feed(chunk);
    if (problem !== null) {
      this.#end(problem.code, problem.found);
      return;
    }
    if (this.#framing.packets > 0) clearTimeout(this.#connectTimer);
    const { within } = this.#framing;
    if (within !== wasWithin) this.socket.setTimeout(within ? packetMsMax : idleMsMax);
    // A sender that trickles a packet keeps the timer at bay, but comes by here with every drop.
    if (!within) {
      this.#packetSince = 0;
    } else if (this.#packetSince === 0 || this.#framing.begun) {
      this.#packetSince = performance.now();
    } else if (performance.now() - this.#packetSince > packetMsMax) {
      this.#end("packet.slow", `within ${packetMsMax} ms`);
      return;
    }
    if (!this.push(chunk)) this.socket.pause();
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.socket.write(chunk, done);
  }

  /** The acknowledgements of one turn leave as one write. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#connectTimer);
    this.socket.destroy();
    done(error);
  }
}
