// Births, states and readings without a clock in the read model: their standing, what is kept of them, and their times (FORMAT 1.1 to 1.3).

import { buildBirth, buildState, buildStatement } from "@muniment/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemorySources, signerNamed, urnOf } from "./memory-sources.ts";
import { clocklessCount } from "./queries/clockless.ts";
import { sayingsOf } from "./queries/sayings.ts";
import { readingsOf } from "./queries/series.ts";
import { createReadModel, type ReadModel } from "./read-model.ts";
import { STANDINGS } from "./standing.ts";

const start = Date.UTC(2026, 0, 5);
const place = "b1/floor-1/room-2";
const opened: ReadModel[] = [];
let world: MemorySources;

beforeEach(() => {
  world = new MemorySources(start);
  world.building("b1");
  world.gateway("gw-1", "b1");
  world.device("meter", "b1", [{ name: "energy", unit: "J", kind: "interval", interval: 900 }]);
  world.device("room", place, [{ name: "temp", unit: "Cel", kind: "gauge", interval: 60 }]);
});

afterEach(async () => {
  for (const model of opened.splice(0)) await model.close();
});

async function open(): Promise<ReadModel> {
  const model = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  opened.push(model);
  await model.caughtUp();
  return model;
}

/** What every statement of the room has, issued a second per sequence number after the start. */
const head = (sequence: number, issuedAt = start / 1000 + sequence) => ({
  ...{ signer: signerNamed("room"), iss: urnOf("room"), sub: place, sequence, issuedAt },
});
const temp = (value: number, time: number) => ({ name: "temp", unit: "Cel", value, time });

async function standings(model: ReadModel): Promise<readonly string[]> {
  const rows = await model.store.query("SELECT standing FROM entries ORDER BY rowid");
  return rows.map(({ standing }) => STANDINGS[Number(standing)]!);
}

test("what a device says of itself counts, and is no reading", async () => {
  const points = [{ name: "humidity", unit: "%RH", brick: null }];
  const born = buildBirth({ ...head(1), birth: { points, boot: "17" } });
  const first = world.anchor("gw-1", [
    born,
    buildState({ ...head(3), state: { state: "alert", battery: 40 } }),
    born,
    buildState({ ...head(2), state: { state: "ready", clock: "synced" } }),
    buildStatement({ ...head(4), records: [temp(21, start / 1000 + 4)] }),
  ]);
  const model = await open();
  expect(await standings(model)).toEqual([
    "genesis",
    "counted",
    "counted",
    "duplicate",
    "late",
    "counted",
  ]);
  expect(await model.store.query("SELECT v, flags FROM samples")).toEqual([{ v: 21, flags: 0 }]);
  const said = (await sayingsOf(model.store, ["room", "meter"])).get("room");
  const at = (sequence: number) => start + sequence * 1_000;
  expect(said).toMatchObject({
    birth: { value: { points, boot: "17" }, gateway: 1, index: first },
    state: { value: "alert", index: first + 1 },
    battery: { value: 40 },
    clock: { value: "synced", index: first + 3 },
    uptime: null,
  });
  // The ledger took all of this before the device says that it was said: its clock is ahead, and is not believed.
  expect(said?.birth?.at).toBeLessThan(at(1));
  expect(said?.statement?.at).toBe(said?.birth?.at);
  expect(await sayingsOf(model.store, ["meter"])).toEqual(new Map());
});

test("readings of a device without a clock have the time of their anchor, each its own", async () => {
  const ago = (sequence: number, ...times: readonly number[]) =>
    buildStatement({ ...head(sequence, 0), records: times.map((time) => temp(sequence, time)) });
  const forged = ago(9, 0).slice();
  forged[forged.length - 1]! ^= 1;
  const anchor = start + 3_600_000;
  world.anchor("gw-1", [ago(1, -60, 0), ago(2, -0.5), ago(1, -60, 0), ago(4, 0), forged], anchor);
  // Drained at once, as after a time without a network: there is no millisecond for each.
  world.anchor("gw-1", [ago(5, 0), ago(6, 0), ago(7, 0), ago(3, 0)], anchor + 2);
  world.anchor("gw-1", [ago(8, 0)], anchor + 60_000);
  world.retire("room", "rotated", "b1", anchor + 120_000);
  world.anchor("gw-1", [ago(10, 0)], anchor + 180_000);
  const model = await open();
  const samples = await model.store.query("SELECT t, v, flags FROM samples ORDER BY rowid");
  expect(samples.map(({ t, v }) => [Number(t) - anchor, v])).toEqual([
    [-60_003, 1],
    [-3, 1],
    [-502, 2],
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
    [4, 3],
    [60_000, 8],
  ]);
  expect(samples.map(({ flags }) => flags)).toEqual([2, 2, 2, 2, 2, 2, 2, 3, 2]);
  // A key that was rotated away vouches for what it signed before; when that was, this device cannot say.
  expect((await standings(model)).at(-1)).toBe("revoked-key");
  const times = await model.store.query("SELECT count(*) AS n, count(time) AS times FROM entries");
  expect(times[0]).toMatchObject({ n: 1 + 5 + 4 + 1 + 1, times: 0 });
  const point = model.registry().points.get("room.temp")!;
  const period = { from: anchor - 60_003, to: anchor + 4 };
  expect(await clocklessCount(model.store, [point], period)).toBe(7);
  expect(await clocklessCount(model.store, [], period)).toBe(0);
  const readings = await readingsOf(model.store, point, { from: 0, to: anchor * 2 }, 9, null);
  expect(readings.map(({ flags }) => flags.join(" "))).toEqual([
    ...Array.from({ length: 7 }, () => "clockless"),
    "late clockless",
    "clockless",
  ]);
  const said = (await sayingsOf(model.store, ["room"])).get("room");
  expect(said).toMatchObject({ statement: { value: "none", at: anchor + 60_000 } });
  expect(said?.clock?.value).toBe("none");
});
