// A sender against a broker that loses acknowledgements and cuts connections: every statement arrives, under one number, the same bytes each time.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode, encodeSign1, parseStatement, signerFromSeed, toHex } from "@muniment/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceUrn } from "./devices.ts";
import { type Behaviour, openRawBroker, type RawBroker, type Received } from "./raw-broker.ts";
import { awaitResults } from "./results.ts";
import { openSender, type Saying, type Sender, type SenderConfig } from "./sender.ts";

const signer = signerFromSeed(new Uint8Array(32).fill(9));
let folder: string;
let broker: RawBroker | null = null;
let sender: Sender | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-sender-"));
});
afterEach(async () => {
  await sender?.close();
  await broker?.close();
  await rm(folder, { recursive: true });
});

async function open(behaviour: Behaviour, more: Partial<SenderConfig> = {}): Promise<Sender> {
  broker = await openRawBroker(behaviour);
  sender = await openSender({
    facts: { device: "d1", building: "b1", place: "b1/floor-1", urn: deviceUrn("d1") },
    signer,
    outboxPath: join(folder, "outbox.json"),
    mqtt: broker.url,
    ...more,
  });
  return sender;
}

const sayings = (count: number, from = 0): Saying[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: "reading",
    records: [
      { name: "power", unit: "W", value: from + index, time: 1_700_000_000 + from + index },
    ],
  }));

const isStatement = ({ topic }: Received) => topic === "muniment/v1/b1/d1/up/statement";
const statements = () =>
  (broker?.received ?? []).filter(isStatement).map(({ payload }) => parseStatement(payload));

test("statements arrive in order, numbered without gaps, under the device's own client id and topic", async () => {
  const one = await open(() => "ack");
  await one.send(sayings(150));
  expect(statements().map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 150 }, (_, i) => i + 1),
  );
  expect(broker?.received.every(({ client }) => client === "d1")).toBe(true);
  expect(one.through).toBe(1_700_000_149);
});

test("connections that are cut: everything arrives, and one number never carries two different statements", async () => {
  let messages = 0;
  const one = await open(() => (++messages % 17 === 0 ? "cut" : "ack"));
  await one.send(sayings(100));
  const bytes = new Map<number, Set<string>>();
  for (const { sequence, bytes: sent } of statements()) {
    bytes.set(sequence, (bytes.get(sequence) ?? new Set()).add(toHex(sent)));
  }
  expect([...bytes.keys()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  expect([...bytes.values()].every((variants) => variants.size === 1)).toBe(true);
});

test("die without acknowledgements: the next start sends the same bytes again and goes on after them", async () => {
  const first = await open((message) => (isStatement(message) ? "ignore" : "ack"));
  const dying = first.send(sayings(3));
  await expect.poll(() => statements().length).toBe(3);
  const sent = statements().map(({ bytes }) => toHex(bytes));
  await first.close();
  await expect(dying).rejects.toMatchObject({ code: "publisher.closed" });
  await broker?.close();

  const second = await open(() => "ack");
  expect(second.through).toBe(1_700_000_002);
  await second.resume();
  await second.send(sayings(1, 3));
  expect(
    statements()
      .map(({ bytes }) => toHex(bytes))
      .slice(0, 3),
  ).toEqual(sent);
  expect(statements().at(-1)?.sequence).toBe(4);
});

test("sayings of the same time are staged together, so that time alone tells what is new", async () => {
  const one = await open(() => "ack");
  const same: Saying[] = Array.from({ length: 70 }, (_, index) => ({
    kind: "reading",
    records: [{ name: `p${index}`, unit: "W", value: 1, time: 1_700_000_000 }],
  }));
  expect((await one.send(same)).length).toBe(70);
});

test("the gateway's answers on down/ack are matched by number, whenever they come", async () => {
  const results = awaitResults();
  const one = await open(
    (message) => {
      if (isStatement(message)) {
        const { sequence } = parseStatement(message.payload);
        const payload = encode({
          seq: sequence,
          result: sequence === 2 ? "unknown-point" : "admitted",
        });
        broker?.publish(
          "muniment/v1/b1/d1/down/ack",
          encodeSign1({ header: new Map(), payload, signer }),
        );
      }
      return "ack";
    },
    { onResult: results.heard },
  );
  await one.send(sayings(3));
  expect(await Promise.all([1, 2, 3].map(results.of))).toEqual([
    "admitted",
    "unknown-point",
    "admitted",
  ]);
});
