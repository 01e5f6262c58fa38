// Bytes that no device would send, at the port of a real gateway: each ends as said, and devices never notice (MQTT 3.1.1).

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { concat, u16be, utf8 } from "@muniment/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BUILDING, type Fleet, type FleetDevice, startFleet, until } from "../stack/fleet.ts";
import { connectPacket, packet, publishPacket } from "../stack/raw-mqtt.ts";

const CLIENTS_MAX = 24;
const CONNECT_MS_MAX = 1_500;
const STRANGER = "stranger";

let fleet: Fleet;
const sockets = new Set<Socket>();

beforeAll(async () => {
  fleet = await startFleet(2);
  await fleet.gateway.stop();
  await fleet.restartGateway({
    MUNIMENT_GATEWAY_CLIENTS_MAX: String(CLIENTS_MAX),
    MUNIMENT_GATEWAY_CONNECT_MS_MAX: String(CONNECT_MS_MAX),
  });
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

afterAll(async () => {
  await fleet?.close();
});

interface Raw {
  readonly socket: Socket;
  /** All bytes that came back. */
  received(): Buffer;
  readonly closed: Promise<unknown>;
}

async function open(...bytes: readonly Uint8Array[]): Promise<Raw> {
  const socket = connect(fleet.mqttPort(), "127.0.0.1");
  sockets.add(socket);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  for (const one of bytes) socket.write(one);
  return { socket, received: () => Buffer.concat(chunks), closed };
}

/** Answers come at once, but not on a busy machine. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

/** Connections that ended, by code, as the gateway counts them. */
async function ended(): Promise<Map<string, number>> {
  const text = await (await fetch(`${fleet.gatewayUrl()}/metrics`)).text();
  return new Map(
    Array.from(
      text.matchAll(/^muniment_gateway_connections_ended_total\{code="([^"]+)"\} (\d+)$/gm),
      ([, code, count]) => [code!, Number(count)],
    ),
  );
}

async function clients(): Promise<number> {
  return ((await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as { clients: number })
    .clients;
}

/** The next statement of a device is acknowledged. */
async function isServed(device: FleetDevice): Promise<void> {
  const time = Math.floor(Date.now() / 1000);
  const statement = device.sign([{ name: "temp", unit: "Cel", value: 21.5, time }]);
  const raw = await open(
    connectPacket(device.id),
    publishPacket(device.topic, device.sequence, statement),
  );
  const puback = [0x40, 2, device.sequence >> 8, device.sequence & 255];
  await soon(() => [...raw.received()]).toEqual([0x20, 2, 0, 0, ...puback]);
  raw.socket.destroy();
  await raw.closed;
}

const ACCEPTED = [0x20, 2, 0, 0];
const text = (value: string | Uint8Array): Uint8Array => {
  const bytes = typeof value === "string" ? utf8(value) : value;
  return concat(u16be(bytes.length), bytes);
};
const hello = connectPacket(STRANGER);
const topic = `muniment/v1/${BUILDING}/${STRANGER}/up/statement`;

/** CONNECT with its parts to choose; `fields` follow the keep-alive. */
function connectWith(
  flags: number,
  fields: readonly (string | Uint8Array)[],
  { protocol = "MQTT", level = 4, properties = new Uint8Array(0) } = {},
): Uint8Array {
  const head = concat(text(protocol), Uint8Array.of(level, flags), u16be(60), properties);
  return packet(0x10, concat(head, ...fields.map(text)));
}

/** PUBLISH with the first byte to choose; a packet id only where `id` is given. */
function publishWith(first: number, to: string | Uint8Array, id?: number): Uint8Array {
  return packet(first, concat(text(to), id === undefined ? new Uint8Array(0) : u16be(id)));
}

const WILL = 0x04;
const WILL_QOS_2 = 0x10;
const CLEAN = 0x02;
const state = `muniment/v1/${BUILDING}/${STRANGER}/state`;

/** What is sent, what comes back before the end, and the code under which the end is counted. */
const cases: readonly (readonly [string, Uint8Array, readonly number[], string])[] = [
  ["another protocol", utf8("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"), [], "packet.first"],
  ["PUBLISH before CONNECT", publishPacket(topic, 1, new Uint8Array(8)), [], "packet.first"],
  ["PINGREQ before CONNECT", packet(0xc0, new Uint8Array(0)), [], "packet.first"],
  [
    "a remaining length of five bytes",
    Uint8Array.of(0x10, 128, 128, 128, 128, 1),
    [],
    "packet.length",
  ],
  ["CONNECT of 256 MB", Uint8Array.of(0x10, 255, 255, 255, 127), [], "packet.too-large"],
  ["CONNECT with reserved flags", Uint8Array.of(0x11, 0), [], "packet.flags"],
  ["CONNECT without a body", Uint8Array.of(0x10, 0), [], "packet.malformed"],
  [
    "CONNECT that ends within its client id",
    packet(0x10, concat(text("MQTT"), Uint8Array.of(4, 2, 0, 60, 0, 9, 97))),
    [],
    "packet.malformed",
  ],
  ["CONNECT with connect flag 0 set", connectWith(CLEAN | 1, [STRANGER]), [], "packet.malformed"],
  [
    "another protocol name",
    connectWith(CLEAN, [STRANGER], { protocol: "MQTX" }),
    [],
    "packet.malformed",
  ],
  [
    "MQTT 3.1",
    connectWith(CLEAN, [STRANGER], { protocol: "MQIsdp", level: 3 }),
    [0x20, 2, 0, 1],
    "connect.version",
  ],
  [
    "MQTT 5",
    connectWith(CLEAN, [STRANGER], { level: 5, properties: Uint8Array.of(0) }),
    [0x20, 2, 0, 1],
    "connect.version",
  ],
  ["a client id of no bytes", connectWith(CLEAN, [""]), [0x20, 2, 0, 2], "connect.client-id"],
  [
    "a client id with a slash",
    connectWith(CLEAN, ["dev-0/up"]),
    [0x20, 2, 0, 2],
    "connect.client-id",
  ],
  [
    "a client id that is not UTF-8",
    connectWith(CLEAN, [Uint8Array.of(0xc3, 0x28)]),
    [0x20, 2, 0, 2],
    "connect.client-id",
  ],
  [
    "a client id of 65 characters",
    connectWith(CLEAN, ["a".repeat(65)]),
    [0x20, 2, 0, 2],
    "connect.client-id",
  ],
  [
    "a will in another's name",
    connectWith(CLEAN | WILL, [STRANGER, `muniment/v1/${BUILDING}/dev-0/state`, "x"]),
    [0x20, 2, 0, 5],
    "connect.will",
  ],
  [
    "a statement as the will",
    connectWith(CLEAN | WILL, [STRANGER, topic, "x"]),
    [0x20, 2, 0, 5],
    "connect.will",
  ],
  [
    "a will of QoS 2",
    connectWith(CLEAN | WILL | WILL_QOS_2, [STRANGER, state, "x"]),
    [0x20, 2, 0, 5],
    "connect.will",
  ],
  [
    "a will of 5,000 bytes",
    connectWith(CLEAN | WILL, [STRANGER, state, "x".repeat(5_000)]),
    [0x20, 2, 0, 5],
    "connect.will",
  ],
  ["a second CONNECT", concat(hello, hello), [], "packet.first"],
  ["PUBLISH of 2 MB", concat(hello, Uint8Array.of(0x32, 255, 255, 127)), [], "packet.too-large"],
  ["QoS 2", concat(hello, publishWith(0x34, topic, 1)), [], "packet.qos2"],
  ["QoS 3", concat(hello, publishWith(0x36, topic, 1)), [], "packet.flags"],
  ["PUBREL of nothing", concat(hello, packet(0x62, u16be(1))), [], "packet.type"],
  ["PUBREC of nothing", concat(hello, packet(0x50, u16be(1))), [], "packet.type"],
  ["CONNACK from a client", concat(hello, Uint8Array.of(0x20, 2, 0, 0)), [], "packet.type"],
  ["packet type 0", concat(hello, Uint8Array.of(0, 0)), [], "packet.type"],
  ["packet type 15", concat(hello, Uint8Array.of(0xf0, 0)), [], "packet.type"],
  [
    "SUBSCRIBE with other flags",
    concat(hello, packet(0x80, concat(u16be(1), text("#"), Uint8Array.of(0)))),
    [],
    "packet.flags",
  ],
];

/** The same once the client is connected: the CONNACK has gone out. */
const connectedCases: readonly (readonly [string, Uint8Array, string])[] = [
  [
    "a statement in another's name",
    publishPacket(`muniment/v1/${BUILDING}/dev-0/up/statement`, 1, new Uint8Array(8)),
    "publish.topic",
  ],
  [
    "a wildcard topic",
    publishWith(0x32, `muniment/v1/${BUILDING}/+/up/statement`, 1),
    "packet.malformed",
  ],
  [
    "a topic with #",
    publishWith(0x32, `muniment/v1/${BUILDING}/${STRANGER}/#`, 1),
    "packet.malformed",
  ],
  ["an empty topic", publishWith(0x32, "", 1), "packet.malformed"],
  ["a topic below $SYS", publishWith(0x32, "$SYS/broker/load", 1), "publish.topic"],
  [
    "down/ack, which only the gateway may send",
    publishWith(0x32, `muniment/v1/${BUILDING}/${STRANGER}/down/ack`, 1),
    "publish.topic",
  ],
  ["a topic of 500 levels", publishWith(0x32, "a/".repeat(500), 1), "packet.malformed"],
  [
    "a topic that is not UTF-8",
    publishWith(0x32, concat(utf8(topic), Uint8Array.of(0xff)), 1),
    "publish.topic",
  ],
  ["a topic with a zero byte", publishWith(0x32, `${topic}\0`, 1), "publish.topic"],
  [
    "a topic longer than its packet",
    packet(0x32, concat(u16be(900), utf8("muniment"))),
    "packet.malformed",
  ],
  ["a statement of QoS 0", publishWith(0x30, topic), "publish.qos"],
  ["a retained statement", publishWith(0x33, topic, 1), "publish.qos"],
  ["PUBLISH without a packet id", publishWith(0x32, topic), "packet.malformed"],
  ["packet id 0", publishWith(0x32, topic, 0), "packet.malformed"],
  ["a state of 5,000 bytes", publishPacket(state, 1, new Uint8Array(5_000)), "publish.too-large"],
  ["SUBSCRIBE of nothing", packet(0x82, u16be(1)), "packet.malformed"],
  ["SUBSCRIBE without a packet id", packet(0x82, new Uint8Array(0)), "packet.malformed"],
  [
    "SUBSCRIBE with QoS 3",
    packet(0x82, concat(u16be(1), text("#"), Uint8Array.of(3))),
    "packet.malformed",
  ],
  [
    "SUBSCRIBE to an empty filter",
    packet(0x82, concat(u16be(1), text(""), Uint8Array.of(0))),
    "packet.malformed",
  ],
];

describe("a connection is ended, and its code is counted, for", () => {
  const endsWith = async (raw: Raw, before: ReadonlyMap<string, number>, code: string) => {
    await raw.closed;
    const after = await ended();
    const changed = Array.from(after).filter(([name, count]) => count !== (before.get(name) ?? 0));
    expect(changed).toEqual([[code, (before.get(code) ?? 0) + 1]]);
  };

  test.each(cases)("%s", async (_, bytes, answer, code) => {
    const before = await ended();
    const raw = await open(bytes);
    await endsWith(raw, before, code);
    expect([...raw.received()]).toEqual([...answer]);
  });

  test.each(connectedCases)("%s", async (_, bytes, code) => {
    const before = await ended();
    const raw = await open(hello);
    await soon(() => [...raw.received()]).toEqual(ACCEPTED);
    raw.socket.write(bytes);
    await endsWith(raw, before, code);
    expect([...raw.received()]).toEqual(ACCEPTED);
  });

  test("a keep-alive of one second that is not kept", async () => {
    const before = await ended();
    const raw = await open(connectPacket(STRANGER, 1));
    await endsWith(raw, before, "connect.idle");
    expect([...raw.received()]).toEqual(ACCEPTED);
  });
});

test("SUBSCRIBE to what is not one's own is refused in the SUBACK, and a flood of filters beyond the limit", async () => {
  const raw = await open(hello);
  await soon(() => raw.received().length).toBe(4);
  const subscribe = (id: number, filters: readonly string[]) =>
    packet(
      0x82,
      concat(u16be(id), ...filters.map((filter) => concat(text(filter), Uint8Array.of(1)))),
    );
  const own = `muniment/v1/${BUILDING}/${STRANGER}/down`;
  const forbidden = ["#", "+/v1/#", "$SYS/#", `muniment/v1/${BUILDING}/dev-0/down/#`, topic];
  raw.socket.write(subscribe(1, [...forbidden, `${own}/ack`]));
  const first = [0x90, 8, 0, 1, 128, 128, 128, 128, 128, 1];
  await soon(() => [...raw.received().subarray(4)]).toEqual(first);
  const flood = Array.from({ length: 120 }, (_, n) => `${own}/${n}`);
  raw.socket.write(subscribe(2, flood));
  await soon(() => raw.received().length).toBe(4 + first.length + 4 + flood.length);
  const granted = raw.received().subarray(4 + first.length + 4);
  expect(granted.filter((code) => code === 1)).toHaveLength(15);
  expect(granted.filter((code) => code === 128)).toHaveLength(flood.length - 15);
});

test("what is no statement is kept with its reason, and acknowledged", async () => {
  const payloads: readonly (readonly [string, Uint8Array])[] = [
    ["cose.structure", new Uint8Array(0)],
    ["cose.structure", utf8("21.5")],
    ["cbor.depth", concat(Uint8Array.of(0xd2), new Uint8Array(4_000).fill(0x81))],
    ["too-large", new Uint8Array(12_000)],
    ["cbor.reserved", Uint8Array.of(0xd2, 0x84, 0xa1, 0, 0xff, 0, 0, 0, 0)],
  ];
  const raw = await open(
    hello,
    ...payloads.map(([, payload], n) => publishPacket(topic, n + 1, payload)),
  );
  const pubacks = payloads.flatMap((_, n) => [0x40, 2, 0, n + 1]);
  await soon(() => [...raw.received()]).toEqual([...ACCEPTED, ...pubacks]);
  const { items } = (await (await fetch(`${fleet.gatewayUrl()}/quarantine`)).json()) as {
    items: readonly { readonly device: string; readonly reason: string }[];
  };
  const reasons = items.filter(({ device }) => device === STRANGER).map(({ reason }) => reason);
  expect(reasons.toSorted()).toEqual(payloads.map(([reason]) => reason).toSorted());
});

test("half-open connections are ended within the connect timeout, whether silent, stuck or trickling", async () => {
  await until("earlier connections are gone", async () => (await clients()) === 0);
  const before = (await ended()).get("connect.timeout") ?? 0;
  const started = performance.now();
  const silent = await open();
  const stuck = await open(hello.subarray(0, 9));
  const trickling = await open();
  let at = 0;
  const trickle = setInterval(() => {
    if (at < 8) trickling.socket.write(hello.subarray(at, ++at));
  }, 150);
  await Promise.all([silent, stuck, trickling].map(({ closed }) => closed));
  clearInterval(trickle);
  expect(performance.now() - started).toBeGreaterThan(CONNECT_MS_MAX - 50);
  expect((await ended()).get("connect.timeout")).toBe(before + 3);
  expect(await clients()).toBe(0);
});

test("no more clients than allowed; one that leaves makes room", async () => {
  const taken = await Promise.all(
    Array.from({ length: CLIENTS_MAX }, (_, n) => open(connectPacket(`${STRANGER}-${n}`))),
  );
  for (const { received } of taken) await soon(() => [...received()]).toEqual(ACCEPTED);
  const tooMany = await open(hello);
  await tooMany.closed;
  expect([...tooMany.received()]).toEqual([]);
  expect((await ended()).get("connect.limit")).toBe(1);
  expect(await clients()).toBe(CLIENTS_MAX);
  taken[0]!.socket.destroy();
  await until("its place is free", async () => (await clients()) === CLIENTS_MAX - 1);
  await isServed(fleet.devices[0]!);
  for (const { socket } of taken) socket.destroy();
  await until("all are gone", async () => (await clients()) === 0);
});

test("thousands of spoiled packets later the gateway is the same process, and devices get their PUBACK", async () => {
  const seed = 20_250_307;
  console.log(`spoiled packets: seed ${seed}`);
  let random = seed;
  const below = (n: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * n);
  };
  const good = [
    publishPacket(topic, 1, utf8("x")),
    publishPacket(`muniment/v1/${BUILDING}/${STRANGER}/up/birth`, 2, utf8("{}")),
    packet(
      0x82,
      concat(u16be(3), text(`muniment/v1/${BUILDING}/${STRANGER}/down/#`), Uint8Array.of(1)),
    ),
    packet(0xa2, concat(u16be(4), text(`muniment/v1/${BUILDING}/${STRANGER}/down/#`))),
    packet(0x40, u16be(5)),
    packet(0xc0, new Uint8Array(0)),
    connectWith(CLEAN | WILL, [STRANGER, state, "gone"]),
  ];
  const spoiled = (): Uint8Array => {
    const bytes = Uint8Array.from(good[below(good.length)]!);
    for (let n = below(3); n >= 0; n--) {
      const at = below(bytes.length);
      bytes[at] = below(2) === 0 ? below(256) : bytes[at]! ^ (1 << below(8));
    }
    return bytes.subarray(0, below(8) === 0 ? below(bytes.length) : bytes.length);
  };
  for (let round = 0; round < 150; round++) {
    const raws = await Promise.all(
      Array.from({ length: CLIENTS_MAX - 2 }, (_, n) => {
        const first = below(6) === 0 ? spoiled() : connectPacket(`${STRANGER}-${n}`);
        return open(concat(first, spoiled(), spoiled(), spoiled()));
      }),
    );
    for (const { socket } of raws) socket.end();
    await Promise.all(
      raws.map(({ socket, closed }) => {
        const timer = setTimeout(() => socket.destroy(), 200);
        return closed.then(() => clearTimeout(timer));
      }),
    );
    if (round % 50 === 0) await isServed(fleet.devices[1]!);
  }
  expect(fleet.gateway.child.exitCode).toBe(null);
  await until("all are gone", async () => (await clients()) === 0);
  await isServed(fleet.devices[0]!);
  await isServed(fleet.devices[1]!);
});
