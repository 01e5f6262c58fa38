// A whole simulated building against a broker: what arrives is what is true, once, over two starts and with broken connections.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decode,
  parseBody,
  parseStatement,
  type SenmlRecord,
  type Statement,
} from "@muniment/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eagerClock } from "./clock.ts";
import { type Behaviour, openRawBroker, type RawBroker } from "./raw-broker.ts";
import { type SimulateEvent, simulate } from "./simulate.ts";
import type { TruthFile } from "./truth.ts";

/** Tuesday 3 November 2026, noon in New York. */
const noon = Date.parse("2026-11-03T17:00:00Z") / 1000;

let folder: string;
let broker: RawBroker;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-simulate-"));
});
afterEach(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

const run = async (now: number, behaviour: Behaviour, live?: AbortController) => {
  await broker?.close();
  broker = await openRawBroker(behaviour);
  const events: SimulateEvent[] = [];
  await simulate({
    data: folder,
    building: "b1",
    seed: 7,
    days: 1,
    zone: "America/New_York",
    mqtt: broker.url,
    ledger: null,
    gateway: null,
    live: live !== undefined,
    liveSeconds: 10,
    clock: eagerClock(now),
    ...(live === undefined ? {} : { signal: live.signal }),
    onEvent: (event) => events.push(event),
  });
  return events;
};

/** Every statement that came, once, with the records of its payload or body. */
function arrived() {
  const found = new Map<string, { statement: Statement; records: readonly SenmlRecord[] }>();
  for (const { client, topic, payload } of broker.received) {
    if (!topic.endsWith("/up/statement")) continue;
    const pair = payload[0] === 0xd2 ? null : (decode(payload) as readonly Uint8Array[]);
    const statement = parseStatement(pair?.[0] ?? payload);
    const records = pair?.[1] === undefined ? statement.records : parseBody(statement, pair[1]);
    found.set(`${client} ${statement.sequence}`, { statement, records });
  }
  return found;
}

const truthFile = async () =>
  JSON.parse(await readFile(join(folder, "simulator/b1/truth.json"), "utf8")) as TruthFile;

function readingsOf(point: string) {
  const [device, name] = point.split(".");
  return [...arrived()]
    .filter(([key]) => key.startsWith(`${device} `))
    .flatMap(([, { records }]) => records)
    .filter((record) => record.name === name);
}

test("the past arrives once and is the truth, though connections are cut", async () => {
  let messages = 0;
  await run(noon, () => (++messages % 200 === 0 ? "cut" : "ack"));
  const truth = await truthFile();
  expect(Object.keys(truth.points).length).toBe(40);
  for (const [point, { from, interval, values }] of Object.entries(truth.points)) {
    const expected = values.map((value, index) => ({ time: from + index * interval, value }));
    expect(
      readingsOf(point).map(({ time, value }) => ({ time, value })),
      point,
    ).toEqual(expected);
  }
  for (const [door, { in: ins, out }] of Object.entries(truth.crossings)) {
    expect([readingsOf(`${door}.in`).length, readingsOf(`${door}.out`).length]).toEqual([ins, out]);
  }
});

test("badges are pseudonyms of 16 bytes, and no two bodies share a salt", async () => {
  await run(noon, () => "ack");
  const events = [...arrived().values()].filter(({ statement }) => statement.kind === "access");
  expect(events.length).toBeGreaterThan(40);
  const values = events.map(({ records }) => records[0]?.value);
  expect(values.every((value) => value instanceof Uint8Array && value.length === 16)).toBe(true);
  const hashes = new Set(events.map(({ statement }) => statement.bodyHash?.toString()));
  expect(hashes.size).toBe(events.length);
});

test("a second start sends only what is new, then goes on live until it is told to stop", async () => {
  await run(noon, () => "ack");
  const live = new AbortController();
  const events = await run(
    noon + 3600,
    ({ payload, topic }) => {
      const ends =
        topic.endsWith("meter-main/up/statement") &&
        parseStatement(payload).issuedAt >= noon + 7200;
      if (ends) live.abort();
      return "ack";
    },
    live,
  );
  expect(events.some(({ event }) => event === "live")).toBe(true);
  const times = readingsOf("b1-meter-main.power").map(({ time }) => time);
  expect(times[0]).toBe(noon + 900);
  expect(times.filter((time) => time > noon + 3600).slice(0, 3)).toEqual([
    noon + 3610,
    noon + 3620,
    noon + 3630,
  ]);
  expect(new Set(times).size).toBe(times.length);
});

test("another seed for the same data folder is refused", async () => {
  await run(noon, () => "ack");
  const other = { data: folder, building: "b1", seed: 8, days: 1, zone: "UTC", mqtt: broker.url };
  await expect(
    simulate({
      ...other,
      ledger: null,
      gateway: null,
      live: false,
      liveSeconds: 10,
      clock: eagerClock(noon),
    }),
  ).rejects.toThrow(/seed 7, got seed 8/);
});
