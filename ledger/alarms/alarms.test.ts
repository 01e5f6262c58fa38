// Alarms on a real read model: batches, restarts, a rebuilt read model, an import of last year, a storm, and what goes wrong.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStatement } from "@muniment/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MemorySources, signerNamed, urnOf } from "../read-model/memory-sources.ts";
import { createReadModel, type ReadModel } from "../read-model/read-model.ts";
import type { Alarm } from "./alarm.ts";
import { Alarms } from "./alarms.ts";
import { AlarmSettings } from "./settings.ts";

const minute = 60_000;
const start = Date.UTC(2026, 5, 1, 12);
const CO2 = { id: "co2", kind: "above", limit: 1_000, clear: 800, holdOffSeconds: 0 };

let folder: string;
let world: MemorySources;
let now: number;
const opened: { close(): Promise<void> }[] = [];
const sequences = new Map<string, number>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-alarms-"));
  now = start;
  sequences.clear();
  world = new MemorySources(start - minute);
  world.building("b1");
  world.gateway("gw-1", "b1");
  for (const device of ["a", "b"])
    world.device(device, `b1/${device}`, [
      { name: "co2", unit: "ppm", kind: "gauge", interval: 60 },
    ]);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await rm(folder, { recursive: true, force: true });
});

async function openReadModel(): Promise<ReadModel> {
  const readModel = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  opened.push(readModel);
  await readModel.caughtUp();
  return readModel;
}

async function openAlarms(
  readModel: ReadModel,
  name = "alarms",
  settings: object = {},
): Promise<Alarms> {
  const alarms = await Alarms.open({
    readModel,
    ledger: world.ledger,
    directory: join(folder, name),
    settings: AlarmSettings.parse(settings),
    clock: { now: () => now },
  });
  opened.push(alarms);
  return alarms;
}

async function close(one: { close(): Promise<void> }): Promise<void> {
  opened.splice(opened.indexOf(one), 1);
  await one.close();
}

/** Statements of one reading each, anchored together at a minute of ledger time. */
function anchor(
  at: number,
  readings: readonly (readonly [device: string, minutes: number, value: number])[],
  refused: readonly Uint8Array[] = [],
): void {
  const entries = readings.map(([device, minutes, value]) => {
    const sequence = (sequences.get(device) ?? 0) + 1;
    sequences.set(device, sequence);
    const time = start / 1000 + minutes * 60;
    return buildStatement({
      signer: signerNamed(device),
      iss: urnOf(device),
      sub: `b1/${device}`,
      issuedAt: time,
      sequence,
      records: [{ name: "co2", unit: "ppm", value, time }],
    });
  });
  world.anchor("gw-1", [...entries, ...refused], start + at * minute);
}

const all = async (alarms: Alarms): Promise<readonly Alarm[]> =>
  (await alarms.list({ limit: 1_000 })).alarms;
const withoutFinding = ({ foundAt: _, ...alarm }: Alarm): Omit<Alarm, "foundAt"> => alarm;
const minutesOf = ({ subject, openedAt, closedAt }: Alarm): readonly (string | number | null)[] => [
  subject.id,
  (openedAt - start) / minute,
  closedAt === null ? null : (closedAt - start) / minute,
];

it("come to the same live, at once, after restarts and over a rebuilt read model", async () => {
  const rules = [
    CO2,
    { id: "silent", kind: "silence", atLeastSeconds: 0 },
    { id: "few", kind: "completeness", limit: 0.95, windowSeconds: 600, settleSeconds: 0 },
    // Judged twice, the entries before a restart would be too many.
    { id: "bad", kind: "quarantine", limit: 4 },
    { id: "lag", kind: "gateway-lag", limitSeconds: 180 },
  ];
  const readModel = await openReadModel();
  const names = ["live", "at-once", "restarted"];
  for (const name of names) {
    const alarms = await openAlarms(readModel, name);
    for (const rule of rules) await alarms.addRule(rule);
    if (name !== "live") await close(alarms);
  }
  const live = opened.at(-1) as Alarms;
  for (let at = 1; at <= 40; at += 1) {
    if (at > 30 && at < 36) continue;
    const value = at % 13 < 6 ? 1_300 : at % 13 < 9 ? 900 : 600;
    const readings = at % 5 === 0 ? [] : ([["a", at, value]] as const);
    const refused = at > 15 && at < 19 ? [Uint8Array.of(at)] : [];
    anchor(at, at > 14 && at < 22 ? readings : [...readings, ["b", at - 3, 600]], refused);
    if (at % 9 === 0) {
      // Another process, another read model: what was judged is not judged again.
      const rebuilt = await openReadModel();
      const alarms = await openAlarms(rebuilt, "restarted");
      await alarms.caughtUp();
      await close(alarms);
      await close(rebuilt);
    }
    await live.caughtUp();
  }
  await readModel.caughtUp();
  const atOnce = await openAlarms(readModel, "at-once");
  const restarted = await openAlarms(await openReadModel(), "restarted");
  const seen = [];
  for (const alarms of [live, atOnce, restarted]) {
    await alarms.caughtUp();
    seen.push((await all(alarms)).map(withoutFinding));
  }
  expect(seen[0]!.length).toBeGreaterThan(6);
  expect(new Set(seen[0]!.map(({ rule }) => rule)).size).toBe(rules.length - 1);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
});

it("judge what comes after the rule, and keep their history when the rule is gone", async () => {
  anchor(1, [["a", 1, 5_000]]);
  const readModel = await openReadModel();
  const alarms = await openAlarms(readModel);
  await alarms.addRule(CO2);
  anchor(2, [["b", 2, 2_000]]);
  await alarms.caughtUp();
  expect((await all(alarms)).map(minutesOf)).toEqual([["b.co2", 2, null]]);
  expect(alarms.rules()).toMatchObject([{ rule: { id: "co2" }, subjects: 2, open: 1, late: 0 }]);
  await alarms.replaceRule("co2", { ...CO2, limit: 3_000, clear: 3_000 });
  expect(await all(alarms)).toMatchObject([{ closedBecause: "rule changed" }]);
  anchor(3, [
    ["b", 3, 2_000],
    ["a", 3, 4_000],
  ]);
  await alarms.caughtUp();
  await alarms.removeRule("co2");
  anchor(4, [["a", 4, 4_000]]);
  await alarms.caughtUp();
  expect(await all(alarms)).toMatchObject([
    { subject: { id: "a.co2" }, closedBecause: "rule removed" },
    { subject: { id: "b.co2" }, closedBecause: "rule changed" },
  ]);
  expect(alarms.rules()).toEqual([]);
});

it("refuse rules that name what is not there, and acknowledge once", async () => {
  const alarms = await openAlarms(await openReadModel());
  const refuses = (body: object, code: string) =>
    expect(alarms.addRule(body)).rejects.toMatchObject({ code });
  await refuses({ ...CO2, where: { building: "b9" } }, "alarm.rule");
  await refuses({ ...CO2, where: { point: "a.temp" } }, "alarm.rule");
  await refuses({ ...CO2, channels: ["pager"] }, "alarm.rule");
  await alarms.addRule({ ...CO2, where: { brick: "CO2_Level_Sensor" } });
  await refuses(CO2, "alarm.rule-exists");
  await expect(alarms.replaceRule("other", CO2)).rejects.toMatchObject({ code: "alarm.unknown" });
  await expect(alarms.replaceRule("co2", { ...CO2, id: "x" })).rejects.toMatchObject({
    code: "alarm.rule",
  });
  await expect(alarms.removeRule("other")).rejects.toMatchObject({ code: "alarm.unknown" });
  await alarms.replaceRule("co2", CO2);

  anchor(1, [["a", 1, 2_000]]);
  await alarms.caughtUp();
  const [alarm] = await all(alarms);
  const changes: string[] = [];
  alarms.onChange(({ event }) => changes.push(event));
  expect(await alarms.acknowledge(alarm!.id, " facility desk ", "window opened")).toMatchObject({
    acknowledgedBy: "facility desk",
    note: "window opened",
  });
  await expect(alarms.acknowledge(alarm!.id, "x", null)).rejects.toMatchObject({
    code: "alarm.acknowledged",
  });
  await expect(alarms.acknowledge("none", "x", null)).rejects.toMatchObject({
    code: "alarm.unknown",
  });
  expect((await alarms.list({ status: "acknowledged", limit: 9 })).alarms).toHaveLength(1);
  anchor(2, [["a", 2, 100]]);
  await alarms.caughtUp();
  expect((await alarms.list({ status: "closed", limit: 9 })).alarms).toMatchObject([
    { acknowledgedBy: "facility desk", closedBecause: "cleared" },
  ]);
  expect(changes).toEqual(["acknowledged", "closed"]);
});

it("blame nobody for the time in which this node was down, or its figures behind the ledger", async () => {
  const readModel = await openReadModel();
  const silence = { id: "s", kind: "silence", atLeastSeconds: 0, where: { device: "a" } };
  const opensAt = async (after: number, name: string): Promise<unknown> => {
    now = start;
    const before = await openAlarms(readModel, name);
    await before.addRule(silence);
    await close(before);
    now += after;
    const again = await openAlarms(readModel, name);
    await again.caughtUp();
    now += 4 * minute;
    await again.caughtUp();
    return (await all(again)).map(minutesOf)[0];
  };
  expect(await opensAt(50_000, "short")).toEqual(["a", 3, null]);
  expect(await opensAt(60 * minute, "long")).toEqual(["a", 63, null]);

  now = start;
  world.device("quick", "b1/quick", [{ name: "co2", unit: "ppm", kind: "gauge", interval: 10 }]);
  await readModel.caughtUp();
  const alarms = await openAlarms(readModel, "behind");
  await alarms.addRule({ ...silence, where: { device: "quick" } });
  world.holdBack = true;
  anchor(0.2, [["quick", 0.2, 500]]);
  now = start + 0.65 * minute;
  // Any change takes a turn; this one finds the read model behind.
  await alarms.addRule(CO2);
  expect(await all(alarms)).toEqual([]);
  world.publish();
  await alarms.caughtUp();
  expect(await all(alarms)).toEqual([]);
  now = start + 0.75 * minute;
  await alarms.caughtUp();
  expect((await all(alarms)).map(minutesOf)).toEqual([["quick", 0.7, null]]);
});

it("list by page, newest first, by status and building", async () => {
  const alarms = await openAlarms(await openReadModel());
  await alarms.addRule(CO2);
  for (let at = 1; at <= 9; at += 1) anchor(at, [["a", at, at % 2 === 1 ? 2_000 : 100]]);
  await alarms.caughtUp();
  const first = await alarms.list({ limit: 2 });
  expect(first.alarms.map(minutesOf)).toEqual([
    ["a.co2", 9, null],
    ["a.co2", 7, 8],
  ]);
  const rest = await alarms.list({ limit: 9, before: first.more! });
  expect(rest.alarms.map(minutesOf).map(([, from]) => from)).toEqual([5, 3, 1]);
  expect(rest.more).toBeNull();
  expect((await alarms.list({ status: "open", limit: 9 })).alarms).toHaveLength(1);
  expect((await alarms.list({ status: "closed", limit: 9 })).alarms).toHaveLength(4);
  expect((await alarms.list({ building: "b2", limit: 9 })).alarms).toEqual([]);
});

/** A receiver of webhooks and what it got, as [type, what]. */
async function startReceiver(): Promise<{
  readonly settings: object;
  readonly got: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}> {
  const got: { type: string; data: Record<string, unknown> }[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof got)[number]);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.unshift({
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const secretFile = join(folder, "secret");
  const { writeFile } = await import("node:fs/promises");
  await writeFile(secretFile, `whsec_${Buffer.alloc(32, 1).toString("base64")}\n`);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { settings: { webhooks: [{ name: "hook", url, secretFile }] }, got };
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("not in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it("an end that was not told is taken back when the alarm goes on", async () => {
  const { settings, got } = await startReceiver();
  const alarms = await openAlarms(await openReadModel(), "alarms", settings);
  await alarms.addRule({ ...CO2, holdOffSeconds: 600 });
  for (const [at, value] of [
    [1, 2_000],
    [2, 100],
  ] as const) {
    anchor(at, [["a", at, value]]);
    await alarms.caughtUp();
  }
  await until(() => got.length === 1);
  expect(alarms.channels()[0]!.waiting).toBe(1);
  anchor(3, [["a", 3, 2_000]]);
  await alarms.caughtUp();
  expect(alarms.channels()[0]!.waiting).toBe(0);
  const [alarm] = await all(alarms);
  expect(alarm).toMatchObject({ reopened: 1, closedAt: null });
  const told = await alarms.deliveriesOf(alarm!.id);
  expect(told.map(({ event, state }) => `${event} ${state}`).sort()).toEqual([
    "closed cancelled",
    "opened delivered",
  ]);
});

it("an import of last year rings in the history and nowhere else", async () => {
  const { settings, got } = await startReceiver();
  const alarms = await openAlarms(await openReadModel(), "alarms", settings);
  await alarms.addRule(CO2);
  const year = 365 * 24 * 60;
  const readings = Array.from(
    { length: 600 },
    (_, i) => ["a", 30 * i - year, i % 2 === 0 ? 2_000 : 100] as const,
  );
  for (let at = 0; at < readings.length; at += 200)
    anchor(1 + at / 200, readings.slice(at, at + 200));
  anchor(10, [["a", 9, 3_000]]);
  await alarms.caughtUp();
  const history = await all(alarms);
  expect(history).toHaveLength(301);
  expect(history.filter(({ historic }) => historic)).toHaveLength(300);
  await until(() => got.length > 0 && alarms.channels()[0]!.waiting === 0);
  expect(got).toMatchObject([{ type: "alarm.opened", data: { value: 3_000, historic: false } }]);
  expect(await alarms.deliveriesOf(history.at(-1)!.id)).toEqual([]);
});

it("a storm is told in part, and as one summary", async () => {
  const { settings, got } = await startReceiver();
  for (let n = 0; n < 30; n += 1)
    world.device(`s${n}`, `b1/s${n}`, [{ name: "co2", unit: "ppm", kind: "gauge", interval: 60 }]);
  const alarms = await openAlarms(await openReadModel(), "alarms", {
    ...settings,
    stormMax: 5,
    stormWindowSeconds: 1,
  });
  await alarms.addRule(CO2);
  const readings = Array.from({ length: 30 }, (_, n) => [`s${n}`, 1, 2_000] as const);
  anchor(1, readings);
  await alarms.caughtUp();
  await until(() => got.length === 5);
  // The summary waits for the end of its window, on this node's clock.
  now += 1_000;
  anchor(2, [["a", 2, 100]]);
  await until(() => got.length === 6);
  expect(got.at(-1)).toMatchObject({
    type: "alarm.summary",
    data: { count: 25, severities: { warning: 25 }, rules: { co2: 25 } },
  });
  expect(await all(alarms)).toHaveLength(30);
});

it("are those of one ledger, and refuse another's", async () => {
  const alarms = await openAlarms(await openReadModel());
  await alarms.addRule(CO2);
  await close(alarms);
  world = new MemorySources(start + 1);
  world.building("b1");
  await expect(openAlarms(await openReadModel())).rejects.toMatchObject({ code: "alarm.store" });
});
