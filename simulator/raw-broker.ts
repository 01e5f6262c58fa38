// An MQTT 3.1.1 broker of a few lines that does as it is told: withhold acknowledgements, cut connections; senders are tried against it (MQTT-3.3, MQTT-3.4).
import { createServer, type Socket } from "node:net";

export interface Received {
  readonly client: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface RawBroker {
  readonly url: string;
  /** Every PUBLISH that came, in order, repetitions too. */
  readonly received: readonly Received[];
  /** Sends a message to every connection, whatever it subscribed to. */
  publish(topic: string, payload: Uint8Array): void;
  close(): Promise<void>;
}

/** What the broker does with a PUBLISH. */
export type Behaviour = (message: Received) => "ack" | "ignore" | "cut";

/** Listens on a free port of 127.0.0.1. */
export async function openRawBroker(
  behaviour: Behaviour,
  mayListen: (filter: string) => boolean = () => true,
): Promise<RawBroker> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let client = "";
    let bytes: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let packet = takePacket(bytes); packet !== null; packet = takePacket(bytes)) {
        bytes = packet.rest;
        const { type, qos, body } = packet;
        if (type === 1) {
          // CONNECT: protocol name (6), level, flags, keep alive (2), then the client id.
          client = body.toString("utf8", 12, 12 + body.readUInt16BE(10));
          socket.write(Buffer.of(0x20, 2, 0, 0));
        } else if (type === 3) {
          const topicEnd = 2 + body.readUInt16BE(0);
          const payloadAt = topicEnd + (qos > 0 ? 2 : 0);
          const message = {
            client,
            topic: body.toString("utf8", 2, topicEnd),
            payload: new Uint8Array(body.subarray(payloadAt)),
          };
          received.push(message);
          const answer = behaviour(message);
          if (answer === "cut") return void socket.destroy();
          if (answer === "ack" && qos > 0) {
            socket.write(
              Buffer.concat([Buffer.of(0x40, 2), body.subarray(topicEnd, topicEnd + 2)]),
            );
          }
        } else if (type === 8) {
          const codes = filtersOf(body).map((filter) => (mayListen(filter) ? 1 : 0x80));
          const head = Buffer.of(0x90, 2 + codes.length, body[0] ?? 0, body[1] ?? 0);
          socket.write(Buffer.concat([head, Buffer.from(codes)]));
        } else if (type === 12) {
          socket.write(Buffer.of(0xd0, 0));
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    received,
    publish(topic, payload) {
      const name = Buffer.from(topic);
      const body = Buffer.concat([Buffer.of(name.length >> 8, name.length & 255), name, payload]);
      const packet = Buffer.concat([Buffer.of(0x30), remainingLength(body.length), body]);
      for (const socket of sockets) socket.write(packet);
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** The first whole packet of the bytes (MQTT 2.2), or null when more must come. */
function takePacket(bytes: Buffer) {
  let length = 0;
  for (let at = 1, shift = 0; at < bytes.length && at <= 4; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    length += (byte & 127) << shift;
    if ((byte & 128) !== 0) continue;
    const end = at + 1 + length;
    if (bytes.length < end) return null;
    const first = bytes[0] ?? 0;
    return {
      type: first >> 4,
      qos: (first >> 1) & 3,
      body: bytes.subarray(at + 1, end),
      rest: bytes.subarray(end),
    };
  }
  return null;
}

/** The filters of a SUBSCRIBE (MQTT 3.8.3), each before its QoS. */
function filtersOf(body: Buffer): string[] {
  const filters: string[] = [];
  for (let at = 2; at + 2 <= body.length; ) {
    const end = at + 2 + body.readUInt16BE(at);
    filters.push(body.toString("utf8", at + 2, end));
    at = end + 1;
  }
  return filters;
}

function remainingLength(length: number): Buffer {
  const bytes: number[] = [];
  for (let rest = length; ; rest >>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
