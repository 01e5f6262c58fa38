// A sender that keeps its own account: what it signed, and what was acknowledged to it. It trusts nobody's memory but its own.

import { connect, type Socket } from "node:net";
import type { FleetDevice } from "../stack/fleet.ts";
import { answerReader, connectPacket, publishPacket } from "../stack/raw-mqtt.ts";

const RECONNECT_MS = 100;
const PACKET_IDS = 60_000;

/** What one device sent. `acked` holds the sequence numbers whose PUBACK arrived. */
export interface Account {
  readonly device: FleetDevice;
  readonly sent: ReadonlyMap<
    number,
    { readonly bytes: Uint8Array; readonly value: number; readonly time: number }
  >;
  readonly acked: ReadonlySet<number>;
  /** Whether the last byte of every signature was changed on the way. */
  readonly spoiled: boolean;
}

/** A device that goes on sending through every outage: whatever is not acknowledged is sent again, oldest first. */
export class Sender implements Account {
  readonly device: FleetDevice;
  readonly sent = new Map<
    number,
    { readonly bytes: Uint8Array; readonly value: number; readonly time: number }
  >();
  readonly acked = new Set<number>();
  readonly spoiled: boolean;
  readonly #port: () => number;
  readonly #everyMs: number;
  #socket: Socket | null = null;
  #open = false;
  #inFlight: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #producing = true;
  #time: number;
  #packetId = 0;

  constructor(device: FleetDevice, port: () => number, everyMs: number, spoiled = false) {
    this.device = device;
    this.spoiled = spoiled;
    this.#port = port;
    this.#everyMs = everyMs;
    this.#time = Math.floor(Date.now() / 1000) - 5_000_000;
  }

  start(): void {
    this.#connect();
    this.#timer = setInterval(() => this.#produce(), this.#everyMs);
  }

  /** No new readings; those not acknowledged are still sent again. */
  pause(): void {
    this.#producing = false;
  }

  /** How many are still without an acknowledgement. */
  pending(): number {
    return this.sent.size - this.acked.size;
  }

  stop(): void {
    this.#producing = false;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#socket?.destroy();
  }

  #produce(): void {
    if (!this.#producing) return;
    this.#time += 60;
    const value = (this.sent.size % 400) / 10;
    const bytes = this.device.sign([{ name: "temp", unit: "Cel", value, time: this.#time }]);
    if (this.spoiled) bytes[bytes.length - 33]! ^= 1; // in R: the signature is well-formed and false
    this.sent.set(this.device.sequence, { bytes, value, time: this.#time });
    if (this.#open) this.#publish(this.device.sequence);
  }

  #publish(sequence: number): void {
    this.#packetId = (this.#packetId % PACKET_IDS) + 1;
    this.#inFlight.push(sequence);
    this.#socket?.write(
      publishPacket(this.device.topic, this.#packetId, this.sent.get(sequence)!.bytes),
    );
  }

  #connect(): void {
    const socket = connect({ port: this.#port(), host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    this.#inFlight = [];
    const read = answerReader({
      connack: (code) => {
        if (code !== 0) return socket.destroy();
        this.#open = true;
        for (const sequence of this.sent.keys())
          if (!this.acked.has(sequence)) this.#publish(sequence);
      },
      // MQTT-4.6.0-2: acknowledgements come in the order of the publishes.
      puback: () => void this.acked.add(this.#inFlight.shift()!),
    });
    socket.on("data", read);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#open = false;
      if (this.#timer !== null)
        setTimeout(() => this.#timer !== null && this.#connect(), RECONNECT_MS);
    });
    socket.write(connectPacket(this.device.id));
  }
}
