// The broker from outside: mqtt.js as an ordinary device, raw sockets as everybody else.

import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import {
  decode,
  decodeSign1,
  HEADER,
  keyIdOf,
  keyThumbprint,
  leafHash,
  sha256,
  signerFromSeed,
  utf8,
  verifySign1,
} from "@muniment/core";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { openJournal } from "../journal/journal.ts";
import { type MemoryFiles, memoryFiles } from "../journal/memory-files.ts";
import { openQuarantine } from "../journal/quarantine.ts";
import { memoryVault } from "../memory-vault.ts";
import { bridgeBindings } from "./bridge-bindings.ts";
import { type BrokerLimits, brokerLimits, createBroker } from "./broker.ts";
import { createCounters } from "./counters.ts";
import { Dedup } from "./dedup.ts";
import { TIME_CONTENT_TYPE } from "./device-time.ts";
import { createIngest, ingestLimits } from "./ingest.ts";
import { MemoryKeyring } from "./memory-keyring.ts";
import { SAMPLE_TIME, SampleDevice } from "./sample-device.ts";

const vault = memoryVault();

const meter = new SampleDevice("meter-1");
const board = new SampleDevice("board-1", { bridge: "br-1" });
const signer = signerFromSeed(sha256(utf8("gateway")));
const STATEMENT = "muniment/v1/b1/meter-1/up/statement";
const BIRTH = "muniment/v1/b1/meter-1/up/birth";
const ACK = "muniment/v1/b1/meter-1/down/ack";
const TIME = "muniment/v1/b1/meter-1/down/time";
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function open(limits: Partial<BrokerLimits> = {}, files: MemoryFiles = memoryFiles()) {
  const keyring = new MemoryKeyring();
  keyring.put(meter.record, board.record);
  const counters = createCounters();
  const clock = {
    now: () => SAMPLE_TIME * 1_000,
    after: (ms: number, callback: () => void) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
  const journal = await openJournal({
    directory: "/journal",
    segmentBytesMax: 1e6,
    journalBytesMax: 1e6,
    vault,
    files,
  });
  const quarantine = await openQuarantine({
    directory: "/quarantine",
    segmentBytesMax: 1e6,
    quarantineBytesMax: 1e6,
    vault,
    clientBytesMax: 1e5,
    files,
  });
  const admitted: number[] = [];
  const ingest = await createIngest({
    keyring,
    journal,
    quarantine,
    dedup: new Dedup(),
    clock,
    limits: { ...ingestLimits, verifyWorkers: 1 },
    counters,
    onDurable: ({ record }) => admitted.push(record.sequence),
  });
  const broker = await createBroker({
    ingest,
    clock,
    counters,
    limits: { ...brokerLimits, ...limits },
    host: "127.0.0.1",
    port: 0,
    signer,
    inLogMsMax: 10_000,
    timeEveryMs: 40,
    isEnrolled: (building, device) => building === "b1" && device === "meter-1",
    bindings: bridgeBindings(keyring),
  });
  closing.push(async () => {
    await broker.close();
    await ingest.close();
  });
  return { broker, counters, admitted, quarantine, files };
}

async function device(port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect({
    port,
    host: "127.0.0.1",
    clientId: "meter-1",
    reconnectPeriod: 0,
    ...options,
  });
  closing.push(() => client.endAsync(true));
  client.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
  });
  return client;
}

const closeOf = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => client.once("close", () => resolve()));
const publish = (client: MqttClient, payload: Uint8Array) =>
  client.publishAsync(STATEMENT, Buffer.from(payload), { qos: 1 });

describe("a device", () => {
  test("is acknowledged for what is durable, and told why on down/ack", async () => {
    const { broker, counters, admitted, quarantine } = await open();
    const client = await device(broker.port);
    const acks: Map<unknown, unknown>[] = [];
    client.on("message", (topic, payload) => {
      if (topic === TIME) return;
      expect(topic).toBe(ACK);
      const sign1 = decodeSign1(Uint8Array.from(payload));
      expect(verifySign1(sign1, signer.publicKey)).toBe(true);
      expect(keyIdOf(sign1)).toEqual(keyThumbprint(signer.publicKey));
      acks.push(decode(sign1.payload) as Map<unknown, unknown>);
    });
    expect(await client.subscribeAsync("muniment/v1/b1/meter-1/down/#", { qos: 1 })).toMatchObject([
      { qos: 1 },
    ]);
    const payloads = [
      meter.statement(1),
      meter.access(2).payload,
      meter.statement(1),
      Uint8Array.of(0xa1, 0, 0xff),
    ];
    for (const payload of payloads) await publish(client, payload);
    expect(admitted).toEqual([1, 2]);
    expect((await quarantine.read(0, 10)).map(({ reason }) => reason)).toEqual(["cose.structure"]);
    await expect.poll(() => acks.length).toBe(4);
    expect(acks.map((ack) => [ack.get("seq"), ack.get("result"), ack.get("inLogBy")])).toEqual([
      [1, "admitted", SAMPLE_TIME + 10],
      [2, "admitted", SAMPLE_TIME + 10],
      [1, "duplicate", SAMPLE_TIME + 10],
      [null, "cose.structure", null],
    ]);
    expect(acks[0]?.get("hash")).toEqual(leafHash(payloads[0]!));
    expect(counters).toMatchObject({ acknowledged: 4, acksPublished: 4, clientsNow: 1 });
  });

  test("with many in flight has each counted once", async () => {
    const { broker, admitted } = await open();
    const client = await device(broker.port);
    const all = Array.from({ length: 500 }, (_, i) => i + 1);
    await Promise.all(all.map((n) => publish(client, meter.statement(n))));
    expect(admitted).toEqual(all);
  });

  test("is not acknowledged when the journal can not keep it", async () => {
    const { broker, counters, files } = await open();
    const client = await device(broker.port);
    files.fault = (operation) => (operation === "append" ? "failed" : undefined);
    const closed = closeOf(client);
    const answered: unknown[] = [];
    publish(client, meter.statement(1)).then(
      () => answered.push("acknowledged"),
      () => undefined,
    );
    await closed;
    expect(answered).toEqual([]);
    expect(counters).toMatchObject({
      acknowledged: 0,
      notAcknowledged: { "journal.write": 1 },
      connectionsEnded: { "journal.write": 1 },
    });
  });

  test("may only speak and listen under its own name", async () => {
    const { broker, counters } = await open();
    const client = await device(broker.port);
    for (const filter of [
      "#",
      "muniment/v1/b1/meter-2/down/#",
      "muniment/v1/b1/meter-1/up/statement",
    ]) {
      await expect(client.subscribeAsync(filter)).rejects.toThrow();
    }
    const closed = closeOf(client);
    client.publish("muniment/v1/b1/meter-2/up/statement", Buffer.from(meter.statement(1)), {
      qos: 1,
    });
    await closed;
    expect(counters.connectionsEnded).toEqual({ "publish.topic": 1 });
    const careless = await device(broker.port);
    const ended = closeOf(careless);
    careless.publish(STATEMENT, Buffer.from(meter.statement(1)), { qos: 0 });
    await ended;
    expect(counters.connectionsEnded).toEqual({ "publish.topic": 1, "publish.qos": 1 });
    expect(counters.received).toBe(0);
  });

  test("leaves its state behind when enrolled, by itself and by its will", async () => {
    const { broker, counters } = await open();
    const client = await device(broker.port, {
      will: {
        topic: "muniment/v1/b1/meter-1/state",
        payload: Buffer.from("disconnected"),
        qos: 1,
        retain: true,
      },
    });
    await client.publishAsync("muniment/v1/b1/meter-1/state", "ready", { qos: 1, retain: true });
    const closed = closeOf(client);
    client.stream.destroy();
    await closed;
    await device(broker.port);
    expect(counters).toMatchObject({ connectionsEnded: {}, acknowledged: 1, received: 0 });
  });

  test("declares its points like any statement: journaled when signed, in quarantine with a code when not", async () => {
    const { broker, admitted, quarantine } = await open();
    const client = await device(broker.port);
    const results: unknown[] = [];
    client.on("message", (topic, payload) => {
      if (topic !== ACK) return;
      const ack = decode(decodeSign1(Uint8Array.from(payload)).payload) as Map<unknown, unknown>;
      results.push(ack.get("result"));
    });
    await client.subscribeAsync(ACK, { qos: 1 });
    for (const bytes of [meter.birth(1), utf8('{"points":["power"]}'), meter.birth(1)])
      await client.publishAsync(BIRTH, Buffer.from(bytes), { qos: 1 });
    expect(admitted).toEqual([1]);
    expect((await quarantine.read(0, 10)).map(({ reason }) => reason)).toEqual(["cose.structure"]);
    await expect.poll(() => results).toEqual(["admitted", "cose.structure", "duplicate"]);
    const closed = closeOf(client);
    client.publish(BIRTH, Buffer.from(meter.birth(2)), { qos: 0 });
    await closed;
    expect(admitted).toEqual([1]);
  });

  test("is told the time when it asks, and again and again, signed by the gateway", async () => {
    const { broker, counters } = await open();
    const client = await device(broker.port);
    const heard: (readonly [topic: string, said: unknown])[] = [];
    client.on("message", (topic, payload, packet) => {
      const sign1 = decodeSign1(Uint8Array.from(payload));
      expect(verifySign1(sign1, signer.publicKey)).toBe(true);
      expect(sign1.header.get(HEADER.contentType)).toBe(TIME_CONTENT_TYPE);
      expect(packet).toMatchObject({ qos: 0, retain: false });
      heard.push([topic, decode(sign1.payload)]);
    });
    await expect(client.subscribeAsync("muniment/v1/b1/meter-2/down/time")).rejects.toThrow();
    await client.subscribeAsync("muniment/v1/b1/meter-1/down/ack", { qos: 1 });
    await client.subscribeAsync("muniment/v1/b1/meter-1/down/#", { qos: 1 });
    await expect.poll(() => heard.length).toBeGreaterThan(2);
    const now = new Map([["time", SAMPLE_TIME * 1_000]]);
    expect(heard).toEqual(heard.map(() => [TIME, now]));
    await client.unsubscribeAsync("muniment/v1/b1/meter-1/down/#");
    expect(counters.connectionsEnded).toEqual({});
  });

  test("may hold only so many subscriptions", async () => {
    const { broker } = await open({ subscriptionsMax: 3 });
    const client = await device(broker.port);
    const filter = (n: number) => `muniment/v1/b1/meter-1/down/topic-${n}`;
    for (const n of [1, 2, 3, 1]) await client.subscribeAsync(filter(n));
    await expect(client.subscribeAsync(filter(4))).rejects.toThrow();
    await client.unsubscribeAsync(filter(1));
    await client.subscribeAsync(filter(4));
  });

  test.each([
    ["an id that is no device id", { clientId: "Meter 1" }, 2],
    [
      "a will on another topic",
      {
        will: {
          topic: "muniment/v1/b1/meter-2/state",
          payload: Buffer.from("x"),
          qos: 0,
          retain: true,
        },
      } as IClientOptions,
      5,
    ],
    [
      "a statement as its will",
      {
        will: { topic: STATEMENT, payload: Buffer.from("x"), qos: 1, retain: false },
      } as IClientOptions,
      5,
    ],
    ["MQTT 5", { protocolVersion: 5 } as IClientOptions, 1],
  ])("is refused with %s", async (_, options, code) => {
    const { broker } = await open();
    const failure = device(broker.port, options);
    await expect(failure).rejects.toMatchObject(
      code === 1 ? { message: expect.stringContaining("nacceptable protocol version") } : { code },
    );
  });
});

/** A raw client: what it sends is up to the test. */
async function raw(port: number): Promise<{
  readonly socket: Socket;
  readonly received: () => Buffer;
  readonly closed: Promise<unknown>;
}> {
  const socket = connectSocket(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  closing.push(async () => socket.destroy());
  await once(socket, "connect");
  return { socket, received: () => Buffer.concat(chunks), closed };
}

function connectPacket(id: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x10, 12 + id.length, 0, 4]),
    Buffer.from("MQTT"),
    Buffer.from([4, 2, 0, 60, 0, id.length]),
    Buffer.from(id),
  ]);
}

function publishPacket(id: number, payload: Uint8Array): Buffer {
  const length = 2 + STATEMENT.length + 2 + payload.length;
  const head = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Buffer.concat([
    Buffer.from([0x32, ...head, 0, STATEMENT.length]),
    Buffer.from(STATEMENT),
    Buffer.from([id >> 8, id & 255]),
    payload,
  ]);
}

const CONNACK = [0x20, 2, 0, 0];
const puback = (id: number): number[] => [0x40, 2, id >> 8, id & 255];

test("PUBACKs keep the order of the messages, though their outcomes do not (MQTT-4.6.0-2)", async () => {
  const { broker, files, quarantine } = await open();
  const { socket, received } = await raw(broker.port);
  socket.write(connectPacket("meter-1"));
  await expect.poll(() => [...received()]).toEqual(CONNACK);
  let letThrough = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  files.delay = (operation, path) =>
    operation === "sync" && path.startsWith("/journal") ? gate : Promise.resolve();
  socket.write(
    Buffer.concat([
      publishPacket(9, meter.statement(1)),
      publishPacket(7, Uint8Array.of(1)),
      publishPacket(8, meter.statement(2)),
      publishPacket(3, Uint8Array.of(2)),
    ]),
  );
  await expect.poll(() => quarantine.count()).toBe(2);
  expect([...received()]).toEqual(CONNACK);
  letThrough();
  await expect
    .poll(() => [...received()])
    .toEqual([...CONNACK, ...puback(9), ...puback(7), ...puback(8), ...puback(3)]);
});

describe("a bridge", () => {
  const topicOf = (device: string, rest: string): string => `muniment/v1/b1/${device}/${rest}`;

  test("speaks and listens for the devices bound to it, each judged by its own key", async () => {
    const { broker, admitted, quarantine } = await open({ subscriptionsMax: 2 });
    const client = await device(broker.port, { clientId: "br-1" });
    const acks: [string, unknown][] = [];
    client.on("message", (topic, payload) => {
      const ack = decode(decodeSign1(Uint8Array.from(payload)).payload) as Map<unknown, unknown>;
      acks.push([topic, ack.get("result")]);
    });
    for (const id of ["br-1", "board-1"])
      expect(await client.subscribeAsync(topicOf(id, "down/ack"), { qos: 1 })).toMatchObject([
        { qos: 1 },
      ]);
    const send = (id: string, bytes: Uint8Array) =>
      client.publishAsync(topicOf(id, "up/statement"), Buffer.from(bytes), { qos: 1 });
    await send("board-1", board.statement(1));
    // In its own name: the board may have been enrolled after the bridge asked.
    await send("br-1", board.statement(2));
    await send("board-1", meter.statement(1));
    await expect.poll(() => acks.length).toBe(3);
    expect(acks).toEqual([
      [topicOf("board-1", "down/ack"), "admitted"],
      [topicOf("br-1", "down/ack"), "admitted"],
      [topicOf("board-1", "down/ack"), "wrong-device"],
    ]);
    expect(admitted).toEqual([1, 2]);
    expect((await quarantine.read(0, 10)).length).toBe(1);
  });

  test("may hold filters for itself and for each of its devices, and no more", async () => {
    const { broker } = await open({ subscriptionsMax: 1 });
    const client = await device(broker.port, { clientId: "br-1" });
    for (const id of ["br-1", "board-1"]) await client.subscribeAsync(topicOf(id, "down/ack"));
    await expect(client.subscribeAsync(topicOf("board-1", "down/time"))).rejects.toThrow();
  });

  test("is nobody to other devices, and other bridges are nobody to its own", async () => {
    const { broker, counters } = await open();
    for (const [clientId, other] of [
      ["br-1", "meter-1"],
      ["br-2", "board-1"],
      ["meter-1", "board-1"],
    ] as const) {
      const client = await device(broker.port, { clientId });
      await expect(client.subscribeAsync(topicOf(other, "down/#"))).rejects.toThrow();
      const closed = closeOf(client);
      client.publish(topicOf(other, "up/statement"), Buffer.from(board.statement(1)), { qos: 1 });
      await closed;
    }
    expect(counters.connectionsEnded).toEqual({ "publish.topic": 3 });
    expect(counters.received).toBe(0);
  });
});

describe("the guard", () => {
  test.each([
    ["packet.too-large", Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])],
    ["packet.first", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["packet.length", Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 1])],
    [
      "packet.too-large",
      Buffer.concat([connectPacket("meter-1"), Buffer.from([0x32, 0xff, 0xff, 0x7f])]),
    ],
    [
      "packet.qos2",
      Buffer.concat([connectPacket("meter-1"), Buffer.from([0x34, 5, 0, 1, 97, 0, 1])]),
    ],
    ["packet.type", Buffer.concat([connectPacket("meter-1"), Buffer.from([0xf0, 0])])],
  ])("ends a connection with %s", async (code, bytes) => {
    const { broker, counters } = await open();
    const { socket, closed } = await raw(broker.port);
    socket.write(bytes);
    await closed;
    await expect.poll(() => counters.connectionsEnded).toEqual({ [code]: 1 });
    await expect.poll(() => counters.clientsNow).toBe(0);
  });

  test("ends half-open and silent connections", async () => {
    const { broker, counters } = await open({ connectMsMax: 30, idleMsMax: 60 });
    const halfOpen = await raw(broker.port);
    halfOpen.socket.write(connectPacket("meter-1").subarray(0, 5));
    await halfOpen.closed;
    const silent = await raw(broker.port);
    silent.socket.write(connectPacket("meter-1"));
    await silent.closed;
    expect([...silent.received()]).toEqual(CONNACK);
    await expect
      .poll(() => counters.connectionsEnded)
      .toEqual({ "connect.timeout": 1, "connect.idle": 1 });
  });

  test("ends a connection that stops within a packet, long before one that is merely quiet", async () => {
    const { broker, counters } = await open({ packetMsMax: 60, idleMsMax: 600_000 });
    const stuck = await raw(broker.port);
    stuck.socket.write(Buffer.concat([connectPacket("meter-1"), Buffer.from([0x32, 100, 0, 9])]));
    await stuck.closed;
    expect(counters.connectionsEnded).toEqual({ "packet.slow": 1 });
  });

  test("takes no more clients than allowed", async () => {
    const { broker, counters } = await open({ clientsMax: 2 });
    await raw(broker.port);
    await raw(broker.port);
    await expect.poll(() => counters.clientsNow).toBe(2);
    const third = await raw(broker.port);
    await third.closed;
    expect(counters.connectionsEnded).toEqual({ "connect.limit": 1 });
  });

  test("malformed packets end their own connection only", async () => {
    const { broker, admitted, counters } = await open();
    const client = await device(broker.port);
    const vandal = await raw(broker.port);
    vandal.socket.write(
      Buffer.concat([connectPacket("vandal"), Buffer.from([0x32, 4, 0, 9, 255, 255])]),
    );
    await vandal.closed;
    await publish(client, meter.statement(1));
    expect(admitted).toEqual([1]);
    expect(counters.connectionsEnded).toEqual({ "packet.malformed": 1 });
  });

  test.each([3, 5])("protocol level %i is told so and ended", async (level) => {
    const { broker, counters } = await open();
    const { socket, received, closed } = await raw(broker.port);
    const packet = connectPacket("meter-1");
    packet[8] = level;
    // MQTT 5 has the length of its properties behind the keep-alive.
    const properties = level === 5 ? [0] : [];
    packet[1]! += properties.length;
    socket.write(
      Buffer.concat([packet.subarray(0, 12), Buffer.from(properties), packet.subarray(12)]),
    );
    await closed;
    expect([...received()]).toEqual([0x20, 2, 0, 1]);
    expect(counters.connectionsEnded).toEqual({ "connect.version": 1 });
  });
});
