// The load generator: a process of its own that publishes prepared statements over raw sockets and times each acknowledgement.

import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { answerReader, connectPacket, publishPacket } from "../stack/raw-mqtt.ts";
import { percentile } from "./result.ts";

/** One prepared client: its topic and the statements it sends, in order. */
export interface PreparedClient {
  readonly id: string;
  readonly topic: string;
  readonly statements: readonly Uint8Array[];
}

/** What a run measured. Latency is from the write of a PUBLISH to its PUBACK. */
export interface LoadReport {
  readonly acked: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Frames clients for a file: u32 length ‖ id ‖ 00 ‖ topic ‖ 00, u32 count, then u16 length ‖ statement each. */
export function encodeClients(clients: readonly PreparedClient[]): Buffer {
  const parts: Buffer[] = [];
  for (const client of clients) {
    const name = Buffer.from(`${client.id}\0${client.topic}\0`);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(name.length, 0);
    head.writeUInt32BE(client.statements.length, 4);
    parts.push(head, name);
    for (const statement of client.statements) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(statement.length);
      parts.push(length, Buffer.from(statement));
    }
  }
  return Buffer.concat(parts);
}

function decodeClients(bytes: Buffer): PreparedClient[] {
  const clients: PreparedClient[] = [];
  let at = 0;
  while (at < bytes.length) {
    const nameLength = bytes.readUInt32BE(at);
    const count = bytes.readUInt32BE(at + 4);
    const [id = "", topic = ""] = bytes.toString("latin1", at + 8, at + 8 + nameLength).split("\0");
    at += 8 + nameLength;
    const statements: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const length = bytes.readUInt16BE(at);
      statements.push(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    clients.push({ id, topic, statements });
  }
  return clients;
}

const PACKET_IDS = 60_000;

/** One client: keeps `window` publishes in flight until all are acknowledged. */
function runClient(
  client: PreparedClient,
  port: number,
  window: number,
  latencies: number[],
): { ready: Promise<void>; go(): Promise<void> } {
  const packets = client.statements.map((statement, n) =>
    publishPacket(client.topic, (n % PACKET_IDS) + 1, statement),
  );
  const sentAt = new Float64Array(packets.length);
  let next = 0;
  let acked = 0;
  let socket: Socket;
  let finish: () => void;
  let fail: (error: Error) => void;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  done.catch(() => {}); // awaited in go(); a failure before that is kept, not unhandled
  // All packets in one buffer: a burst is one view of it, so that the meter costs little on the cores it measures.
  const stream = Buffer.concat(packets);
  const ends = new Uint32Array(packets.length);
  packets.reduce((end, packet, n) => (ends[n] = end + packet.length), 0);
  const fill = () => {
    const first = next;
    next = Math.min(packets.length, acked + window);
    if (next === first) return;
    sentAt.fill(performance.now(), first, next);
    socket.write(stream.subarray(first === 0 ? 0 : ends[first - 1], ends[next - 1]));
  };
  const ready = new Promise<void>((resolve, reject) => {
    socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", (error) => {
      reject(error);
      fail(error);
    });
    socket.once("close", () =>
      fail(new Error(`${client.id}: closed after ${acked} of ${packets.length}`)),
    );
    let pending = false;
    let now = 0;
    const read = answerReader({
      connack: (code) =>
        code === 0 ? resolve() : reject(new Error(`${client.id}: CONNACK ${code}`)),
      puback(packetId) {
        if (packetId !== (acked % PACKET_IDS) + 1)
          fail(new Error(`${client.id}: PUBACK ${packetId} out of order`));
        latencies.push(now - sentAt[acked]!);
        acked += 1;
        if (acked === packets.length) finish();
        else pending = true;
      },
    });
    socket.on("data", (chunk) => {
      now = performance.now();
      read(chunk);
      if (pending) {
        pending = false;
        fill();
      }
    });
    socket.write(connectPacket(client.id, 0));
  });
  return {
    ready,
    async go() {
      fill();
      await done;
      socket.destroy();
    },
  };
}

/** Publishes everything and reports. */
export async function runLoad(
  clients: readonly PreparedClient[],
  port: number,
  window: number,
): Promise<LoadReport> {
  const latencies: number[] = [];
  const runs = clients.map((client) => runClient(client, port, window, latencies));
  await Promise.all(runs.map(({ ready }) => ready));
  const begun = performance.now();
  await Promise.all(runs.map((run) => run.go()));
  const seconds = (performance.now() - begun) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  return {
    acked: sorted.length,
    seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}

if (process.argv[1]?.endsWith("load.ts")) {
  const [file = "", port = "", window = ""] = process.argv.slice(2);
  const report = await runLoad(decodeClients(await readFile(file)), Number(port), Number(window));
  console.log(JSON.stringify(report));
}
