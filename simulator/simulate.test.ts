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
  toHex,
} from "@muniment/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eagerClock } from "./clock.ts";
import { parseMisbehaviour } from "./misbehaviour/order.ts";
import { type Behaviour, openRawBroker, type RawBroker } from "./raw-broker.ts";
import { type SimulateConfig, type SimulateEvent, simulate } from "./simulate.ts";
import type { TruthFile } from "./truth/truth-file.ts";
import { parseFaultOrder } from "./world/faults.ts";

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

const run = async (now: number, behaviour: Behaviour, more: Partial<SimulateConfig> = {}) => {
  await broker?.close();
  broker = await openRawBroker(behaviour);
  const events: SimulateEvent[] = [];
  await simulate({
    data: folder,
    building: "b1",
    seed: 7,
    size: { floors: 2, rooms: 3, people: null },
    faults: [],
    misbehave: [],
    from: null,
    days: 1,
    speed: null,
    zone: "America/New_York",
    mqtt: broker.url,
    serial: null,
    ledger: null,
    gateway: null,
    live: false,
    liveSeconds: 10,
    truthDays: 3,
    clock: eagerClock(now),
    onEvent: (event) => events.push(event),
    ...more,
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
  await run(noon, () => (++messages % 200 === 0 ? "cut" : "ack"), {
    faults: [parseFaultOrder("drifting-sensor:room-201")],
  });
  const truth = await truthFile();
  expect(Object.keys(truth.points).length).toBe(6 * 3 + 8 + 2);
  for (const [point, { from, interval, values, read }] of Object.entries(truth.points)) {
    const told = read ?? values;
    const expected = told.map((value, index) => ({ time: from + index * interval, value }));
    expect(
      readingsOf(point).map(({ time, value }) => ({ time, value })),
      point,
    ).toEqual(expected);
  }
  expect(truth.points["b1-room-201.co2"]?.read?.at(-1)).toBeGreaterThan(
    truth.points["b1-room-201.co2"]?.values.at(-1) ?? 1,
  );
  for (const [door, { in: ins, out }] of Object.entries(truth.crossings)) {
    expect([readingsOf(`${door}.in`).length, readingsOf(`${door}.out`).length]).toEqual([ins, out]);
  }
});

test("the truth file adds up: hours make days, days and rooms make what the points say", async () => {
  await run(noon, () => "ack");
  const truth = await truthFile();
  expect(truth.days.map(({ date }) => date)).toEqual(["2026-11-02", "2026-11-03"]);
  const [monday] = truth.days;
  expect(truth.from).toBe(Date.parse("2026-11-02T05:00:00Z") / 1000);
  expect(truth.to).toBe(noon + 10);
  const energy = truth.points["b1-meter-main.energy"]?.values ?? [];
  expect(monday?.energyJ.main).toBe((energy[96] ?? 0) - (energy[0] ?? 0));
  const hours = truth.hourly.energyJ.main ?? [];
  expect(hours.slice(0, 24).reduce((sum, joules) => sum + joules, 0)).toBe(monday?.energyJ.main);
  const quarters = energy.slice(1, 97).map((joules, index) => joules - (energy[index] ?? 0));
  const highest = Math.max(...quarters);
  expect(monday?.demand).toEqual({
    joules: highest,
    at: truth.from + quarters.indexOf(highest) * 900,
  });
  const closed = quarters.filter((_, index) => index < 24 || index >= 76);
  expect(monday?.afterHoursJ).toBe(closed.reduce((sum, joules) => sum + joules, 0));

  const counters = Object.entries(truth.points).filter(([id]) => id.endsWith(".people"));
  const persons = Array.from({ length: 288 }, (_, index) =>
    counters.reduce((sum, [, { values }]) => sum + (values[index] ?? 0), 0),
  );
  expect(monday).toMatchObject({
    peak: Math.max(...persons),
    peakAt: truth.from + persons.indexOf(Math.max(...persons)) * 300,
    sum: persons.reduce((sum, count) => sum + count, 0),
    steps: 288,
  });
  const cells = truth.week.slice(24, 48);
  expect(cells.reduce((sum, cell) => sum + cell.sum, 0)).toBe(monday?.sum);
  const rooms = Object.values(truth.rooms).map(([day]) => day);
  expect(rooms.reduce((sum, day) => sum + (day?.sum ?? 0), 0)).toBe(monday?.sum);
  expect(rooms.map((day) => day?.openSteps)).toEqual(rooms.map(() => 13 * 12));
  expect(monday?.badged).toBe(monday?.persons);
  expect(truth.delivery["b1-room-101.co2"]).toEqual({ expected: [288, 145], received: [288, 145] });
});

test("badges are pseudonyms of 16 bytes, one a person and month, and no two bodies share a salt", async () => {
  await run(noon, () => "ack");
  const events = [...arrived().values()].filter(({ statement }) => statement.kind === "access");
  expect(events.length).toBeGreaterThan(30);
  const values = events.map(({ records }) => records[0]?.value);
  expect(values.every((value) => value instanceof Uint8Array && value.length === 16)).toBe(true);
  const hashes = new Set(events.map(({ statement }) => statement.bodyHash?.toString()));
  expect(hashes.size).toBe(events.length);
  const [monday] = (await truthFile()).days;
  const seen = events.filter(({ records }) => (records[0]?.time ?? 0) < (monday?.to ?? 0));
  const persons = new Set(seen.map(({ records }) => toHex(records[0]?.value as Uint8Array)));
  expect(persons.size).toBe(monday?.persons);
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
    { live: true, signal: live.signal },
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
  // What is lived again is in the truth, sent or not.
  expect((await truthFile()).points["b1-meter-main.energy"]?.values.length).toBeGreaterThan(140);
});

test("each start begins with a birth that agrees with the enrolment, and a state; an orderly end says so", async () => {
  await run(noon, () => "ack");
  const first = [...arrived().values()].filter(({ statement }) => statement.sequence <= 2);
  expect(first.map(({ statement }) => statement.kind).toSorted()).toEqual(
    first.map((_, index) => (index < first.length / 2 ? "birth" : "state")),
  );
  const room = first.find(
    ({ statement }) => statement.sub === "b1/floor-1/room-102" && statement.kind === "birth",
  );
  expect(room?.records.map(({ name, unit, value }) => [name, unit, value])).toEqual([
    ["birth/people", "count", "Occupancy_Count_Sensor"],
    ["birth/co2", "/", "CO2_Level_Sensor"],
    ["birth/temperature", "Cel", "Air_Temperature_Sensor"],
    ["birth/boot", undefined, "simulator, start 1"],
  ]);
  const last = [...arrived().values()].filter(({ records }) =>
    records.some(({ name, value }) => name === "device/state" && value === "stopping"),
  );
  expect(last.length).toBe(first.length / 2);
});

test("a past with a beginning ends after its days, at any speed; the whole comes to the same", async () => {
  const week = { from: "2026-03-07", days: 2 };
  await run(noon, () => "ack", week);
  const truth = await truthFile();
  expect(truth.from).toBe(Date.parse("2026-03-07T05:00:00Z") / 1000);
  // Clocks go forward on the 8th.
  expect(truth.to).toBe(truth.from + 47 * 3600);
  const max = readingsOf("b1-meter-main.energy");
  expect(max.length).toBe(47 * 4);
  await rm(join(folder, "simulator"), { recursive: true });
  await run(noon, () => "ack", { ...week, speed: 3600 });
  expect(readingsOf("b1-meter-main.energy")).toEqual(max);
  expect((await truthFile()).days).toEqual(truth.days);
});

test("another seed, size or beginning for the same data folder is refused", async () => {
  await run(noon, () => "ack");
  await expect(run(noon, () => "ack", { seed: 8 })).rejects.toThrow(/seed 7, got seed 8/);
  const size = { floors: 3, rooms: 3, people: null };
  await expect(run(noon, () => "ack", { size })).rejects.toThrow(/floors 2, got floors 3/);
  await expect(run(noon, () => "ack", { from: "2026-10-01" })).rejects.toThrow(/not on 2026-10-01/);
  await expect(run(noon, () => "ack", { from: "2026-11-04" })).rejects.toThrow(/in the future/);
});

test("devices that misbehave: the truth counts what a broker sees", async () => {
  const misbehave = [
    "silent:room-101@0.5",
    "wrong-key:room-102@0.3",
    "corrupted:room-103@0.3",
    "replayed:room-201@0.3",
    "flood:room-202@0.3",
    "reordered:room-203@0.3",
    "drifting-clock:meter-hvac",
    "no-clock:meter-plugs",
  ].map(parseMisbehaviour);
  await run(noon, () => "ack", { misbehave });
  const { conduct, delivery } = await truthFile();
  const of = (device: string) =>
    broker.received.filter(
      ({ client, topic }) => client === device && topic.endsWith("/up/statement"),
    );
  const hours = 36 + 1;
  // Besides its readings each device says birth, ready and stopping.
  const counted = (device: string) => conduct[device]?.statements ?? 0;
  expect(of("b1-room-101").length).toBe(hours + 3 - counted("b1-room-101"));
  expect(of("b1-room-201").length).toBe(hours + 3 + counted("b1-room-201"));
  expect(of("b1-room-202").length).toBe(hours + 3 + counted("b1-room-202"));
  expect(counted("b1-room-202") % 9).toBe(0);
  for (const device of Object.keys(conduct).filter((id) => id.includes("room")))
    expect(counted(device), device).toBeGreaterThan(0);
  const numbers = of("b1-room-203").map(({ payload }) => parseStatement(payload).sequence);
  const late = numbers.filter((n, index) => n < Math.max(...numbers.slice(0, index), 0));
  expect(late.length).toBe(counted("b1-room-203"));
  const kids = of("b1-room-102").map(({ payload }) => toHex(parseStatement(payload).kid));
  const wrong = kids.filter((kid) => kid !== kids[0]);
  expect(wrong.length).toBe(counted("b1-room-102"));
  const clocks = of("b1-meter-hvac").map(({ payload }) => parseStatement(payload));
  expect(clocks.flatMap(({ records }) => records).some(({ time }) => time % 900 !== 0)).toBe(true);
  const received = (point: string) =>
    (delivery[point]?.received ?? []).reduce((sum, count) => sum + count, 0);
  const lost = (device: string) => 433 * 3 - (conduct[device]?.readings ?? 0);
  for (const device of ["b1-room-101", "b1-room-102", "b1-room-103"])
    expect(received(`${device}.co2`) * 3, device).toBe(lost(device));
  // It has no clock and nothing was live: it told nothing but itself.
  expect(received("b1-meter-plugs.energy")).toBe(0);
  expect(of("b1-meter-plugs").map(({ payload }) => parseStatement(payload).issuedAt)).toEqual([
    0, 0, 0,
  ]);
});

test("what was withheld is the same after a second start, whatever was lived again in silence", async () => {
  const misbehave = [parseMisbehaviour("silent:room-101@0.4")];
  await run(noon, () => "ack", { misbehave });
  const before = readingsOf("b1-room-101.co2");
  await run(noon + 6 * 3600, () => "ack", { misbehave });
  const all = [...before, ...readingsOf("b1-room-101.co2")];
  const { delivery, conduct } = await truthFile();
  const { expected = [], received = [] } = delivery["b1-room-101.co2"] ?? {};
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  expect(new Set(all.map(({ time }) => time)).size).toBe(all.length);
  expect(sum(received)).toBe(all.length);
  expect(sum(expected) - sum(received)).toBe((conduct["b1-room-101"]?.readings ?? 0) / 3);
});
