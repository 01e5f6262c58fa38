// Figures from the store against hand-made data and against a slow computation that shares nothing with the SQL.

import { afterEach, beforeEach, expect, test } from "vitest";
import { stepsOf } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { noRows, type SampleRow } from "../rows.ts";
import type { Step } from "../steps.ts";
import { Store } from "../store.ts";
import { energyOf, mainMeters } from "./energy.ts";
import { occupancyOf, scopesOf } from "./occupancy.ts";
import { pointSteps, readingsOf } from "./series.ts";

const newYork = "America/New_York";
const at = (text: string): number => Date.parse(text);
const never = at("2100-01-01T00:00:00Z");
const meterPoint: PointRecord = {
  ...{
    no: 1,
    id: "m.e",
    device: "m",
    building: "b1",
    place: "b1",
    name: "e",
    unit: "J",
    kind: "interval",
    label: null,
    brick: null,
    trust: "device",
  },
  interval: 900,
};
const counterPoint: PointRecord = { ...meterPoint, no: 2, id: "c.e", device: "c", kind: "counter" };
const gauge: PointRecord = {
  ...meterPoint,
  no: 3,
  id: "t.temp",
  unit: "Cel",
  kind: "gauge",
  interval: 60,
};

let store: Store;
let next = 0;

beforeEach(async () => {
  store = await Store.open({ path: ":memory:", genesis: "00" });
  next = 0;
  await add([], [meterPoint, counterPoint, gauge]);
});

afterEach(() => store.close());

async function add(
  samples: readonly Pick<SampleRow, "point" | "t" | "v">[],
  points: readonly PointRecord[] = [],
): Promise<void> {
  const rows = samples.map((sample): SampleRow => {
    next += 1;
    return { ...sample, gateway: 1, index: next, sequence: next, flags: 0 };
  });
  await store.write({
    says: [],
    cursor: { next, height: next, time: 0 },
    rows: { ...noRows(), samples: rows },
    registry: { rows: [], names: [], points },
  });
}

const energy = (
  meters: readonly PointRecord[],
  from: string,
  to: string,
  step: Step,
  now = never,
) => {
  const period = { from: at(from), to: at(to) };
  return energyOf(store, meters, period, stepsOf(period, step, newYork), now);
};

test("interval energy over a clock change: 92 quarter-hours of 1 kWh, one of 3", async () => {
  const start = at("2026-03-08T05:00:00Z");
  await add(
    Array.from({ length: 92 }, (_, i) => ({
      point: 1,
      t: start + i * 900_000,
      v: i === 40 ? 10_800_000 : 3_600_000,
    })),
  );
  const { series, total } = await energy(
    [meterPoint],
    "2026-03-07T05:00:00Z",
    "2026-03-10T04:00:00Z",
    "P1D",
  );
  expect(series).toEqual([
    {
      start: at("2026-03-07T05:00:00Z"),
      kwh: null,
      peakKw: null,
      received: 0,
      expected: 96,
      gaps: 0,
      resets: 0,
    },
    { start, kwh: 94, peakKw: 12, received: 92, expected: 92, gaps: 0, resets: 0 },
    {
      start: at("2026-03-09T04:00:00Z"),
      kwh: null,
      peakKw: null,
      received: 0,
      expected: 96,
      gaps: 0,
      resets: 0,
    },
  ]);
  expect(total).toEqual({
    ...{
      kwh: 94,
      peakKw: 12,
      peakAt: start + 40 * 900_000,
      received: 92,
      expected: 284,
      gaps: 0,
      resets: 0,
    },
    loadFactor: 94 / (12 * 71),
  });
});

test("a counter: the total across a gap is counted once and flagged, a reset is not guessed", async () => {
  const start = at("2026-06-01T04:00:00Z");
  const quarter = (n: number): number => start + n * 900_000;
  // 1 kWh a quarter; nothing heard for quarters 3 to 6 (5 kWh passed); replaced by a new meter at quarter 9.
  const readings = [
    [0, 100],
    [1, 101],
    [2, 102],
    [7, 107],
    [8, 108],
    [9, 2],
    [10, 6],
  ] as const;
  await add(readings.map(([n, kwh]) => ({ point: 2, t: quarter(n), v: kwh * 3_600_000 })));
  const { series, total } = await energy(
    [counterPoint],
    "2026-06-01T04:00:00Z",
    "2026-06-01T07:00:00Z",
    "PT1H",
  );
  expect(
    series.map(({ kwh, peakKw, received, expected, gaps, resets }) => ({
      kwh,
      peakKw,
      received,
      expected,
      gaps,
      resets,
    })),
  ).toEqual([
    // Quarter 0 and 1: 1 kWh each; from quarter 2 to 7: 5 kWh in 75 minutes, a mean of 4 kW.
    { kwh: 7, peakKw: 4, received: 3, expected: 4, gaps: 1, resets: 0 },
    { kwh: 1, peakKw: 4, received: 1, expected: 4, gaps: 0, resets: 0 },
    // From quarter 8 the difference is unknown; from 9 to 10 it is 4 kWh in 15 minutes; 10 is not closed yet.
    { kwh: 4, peakKw: 16, received: 3, expected: 4, gaps: 0, resets: 1 },
  ]);
  expect(total).toMatchObject({
    kwh: 12,
    peakKw: 16,
    peakAt: quarter(9),
    received: 7,
    expected: 12,
    gaps: 1,
    resets: 1,
  });
  // What comes late fills the gap: the same total, no flag, and the missing readings are there.
  await add([3, 4, 5, 6].map((n) => ({ point: 2, t: quarter(n), v: (100 + n) * 3_600_000 })));
  const filled = await energy(
    [counterPoint],
    "2026-06-01T04:00:00Z",
    "2026-06-01T07:00:00Z",
    "PT1H",
  );
  expect(filled.series.map(({ kwh, received, gaps }) => [kwh, received, gaps])).toEqual([
    [4, 4, 0],
    [4, 4, 0],
    [4, 3, 0],
  ]);
});

test("a correction replaces a reading, it is not added", async () => {
  const start = at("2026-06-01T04:00:00Z");
  await add([{ point: 1, t: start, v: 3_600_000 }]);
  await add([{ point: 1, t: start, v: 7_200_000 }]);
  const { total } = await energy(
    [meterPoint],
    "2026-06-01T04:00:00Z",
    "2026-06-01T05:00:00Z",
    "PT1H",
  );
  expect(total).toMatchObject({ kwh: 2, received: 1, expected: 4 });
  const readings = await readingsOf(store, meterPoint, { from: start, to: start + 1 }, 10, null);
  expect(readings.map(({ value, flags }) => [value, flags])).toEqual([
    [3_600_000, ["superseded"]],
    [7_200_000, []],
  ]);
  expect(
    (await readingsOf(store, meterPoint, { from: start, to: start + 1 }, 10, [start, 1, 1])).map(
      ({ value }) => value,
    ),
  ).toEqual([7_200_000]);
});

test("two meters peak together, not each for itself", async () => {
  const start = at("2026-06-01T04:00:00Z");
  const kwh = [
    [1, 4],
    [3, 1],
    [2, 2],
    [0, 0],
  ] as const;
  const second: PointRecord = { ...meterPoint, no: 4, id: "m2.e", device: "m2" };
  await add(
    kwh.flatMap(([a, b], i) =>
      [a, b].map((v, meter) => ({
        point: meter === 0 ? 1 : 4,
        t: start + i * 900_000,
        v: v * 3_600_000,
      })),
    ),
    [second],
  );
  const { series, total } = await energy(
    [meterPoint, second],
    "2026-06-01T04:00:00Z",
    "2026-06-01T05:00:00Z",
    "PT15M",
  );
  expect(series.map((step) => [step.kwh, step.peakKw])).toEqual([
    [5, 20],
    [4, 16],
    [4, 16],
    [0, 0],
  ]);
  expect(total).toMatchObject({ kwh: 13, peakKw: 20, peakAt: start, received: 8, expected: 8 });
  expect(mainMeters("b1", [{ ...meterPoint, place: "b1/floor-1" }, second])).toEqual([second]);
  expect(mainMeters("b1", [{ ...meterPoint, brick: "Building_Electrical_Meter" }, second])).toEqual(
    [{ ...meterPoint, brick: "Building_Electrical_Meter" }],
  );
});

test("what a person entered does not add to what the building's own meter says", () => {
  const bill: PointRecord = { ...meterPoint, no: 4, id: "bill.e", trust: "manual" };
  expect(mainMeters("b1", [bill, meterPoint])).toEqual([meterPoint]);
  expect(mainMeters("b1", [bill])).toEqual([bill]);
});

test("what lies after the ledger's time is not owed", async () => {
  const { total } = await energy(
    [meterPoint],
    "2026-06-01T04:00:00Z",
    "2026-06-01T06:00:00Z",
    "PT1H",
    at("2026-06-01T04:50:00Z"),
  );
  expect(total).toMatchObject({ kwh: null, peakKw: null, expected: 4, received: 0 });
});

test("roll-up and samples agree, however the readings arrived", async () => {
  // Counter readings of two weeks, a tenth missing, in an order that is far from time's, in batches of 37.
  const start = at("2026-10-25T04:00:00Z");
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  let total = 0;
  const readings = Array.from({ length: 14 * 96 }, (_, i) => {
    total += Math.floor(random() * 1_000_000);
    return { point: 2, t: start + i * 900_000, v: total };
  }).filter(() => random() > 0.1);
  const shuffled = readings
    .map((reading) => ({ reading, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ reading }) => reading);
  for (let i = 0; i < shuffled.length; i += 37) await add(shuffled.slice(i, i + 37));
  const [from, to] = ["2026-10-25T04:00:00Z", "2026-11-08T05:00:00Z"];
  const rolledUp = await energy([counterPoint], from, to, "P1D");
  const period = { from: at(from), to: at(to) };
  const buckets = stepsOf(period, "P1D", newYork);
  const sampled = await energyOf(
    store,
    [counterPoint],
    period,
    { ...buckets, quarterly: false },
    never,
  );
  expect(rolledUp).toEqual(sampled);
  // The textbook: successive differences, each in the local day of its first reading (clocks go back on 1 November).
  const days = new Map<string, number>();
  const dayOf = (t: number): string =>
    new Date(t - (t < at("2026-11-01T06:00:00Z") ? 4 : 5) * 3_600_000).toISOString().slice(0, 10);
  readings.forEach(({ t, v }, i) => {
    const following = readings[i + 1];
    if (following !== undefined) days.set(dayOf(t), (days.get(dayOf(t)) ?? 0) + following.v - v);
  });
  expect(rolledUp.series.map(({ kwh }) => Math.round(kwh! * 3_600_000))).toEqual([
    ...days.values(),
  ]);
  expect(rolledUp.series.map(({ expected }) => expected)).toEqual([
    ...Array(7).fill(96),
    100,
    ...Array(6).fill(96),
  ]);
  expect(rolledUp.total.received).toBe(readings.length);
});

test("a gauge by hour: from the roll-up and from samples alike", async () => {
  const start = at("2026-06-01T04:00:00Z");
  await add([20, 22, 27].map((v, i) => ({ point: 3, t: start + i * 60_000, v })));
  await add([{ point: 3, t: start + 3_600_000, v: -5 }]);
  const period = { from: start, to: start + 3 * 3_600_000 };
  const buckets = stepsOf(period, "PT1H", newYork);
  const steps = await pointSteps(store, gauge, period, buckets, never);
  expect(steps).toEqual([
    { start, min: 20, mean: 23, max: 27, last: 27, sum: 69, count: 3, received: 3, expected: 60 },
    {
      start: start + 3_600_000,
      min: -5,
      mean: -5,
      max: -5,
      last: -5,
      sum: -5,
      count: 1,
      received: 1,
      expected: 60,
    },
    {
      start: start + 7_200_000,
      min: null,
      mean: null,
      max: null,
      last: null,
      sum: null,
      count: 0,
      received: 0,
      expected: 60,
    },
  ]);
  expect(await pointSteps(store, gauge, period, { ...buckets, hourly: false }, never)).toEqual(
    steps,
  );
});

test("occupancy: summed over places at each step, then mean and peak", async () => {
  const counter = (no: number, place: string): PointRecord => ({
    ...{
      no,
      place,
      id: `p${no}.n`,
      device: `p${no}`,
      building: "b1",
      name: "n",
      unit: "count",
      kind: "gauge",
      label: null,
      trust: "device",
    },
    interval: 300,
    brick: "Occupancy_Count_Sensor",
  });
  const counters = [
    counter(10, "b1/floor-1"),
    counter(11, "b1/floor-2"),
    counter(12, "b1/floor-2"),
  ];
  await add([], counters);
  const start = at("2026-06-01T12:00:00Z");
  // Two counters on floor 2 see the same people: the greater counts. Floor 1 misses the third step.
  const seen = [
    [10, 0, 5],
    [10, 1, 8],
    [11, 0, 2],
    [12, 0, 3],
    [11, 1, 4],
    [11, 2, 6],
    [12, 2, 1],
  ] as const;
  await add(seen.map(([point, n, v]) => ({ point, t: start + n * 300_000, v })));
  const period = { from: start, to: start + 3_600_000 };
  const scope = (await scopesOf(store, ["b1"], counters)).get("b1")!;
  expect(scope.stepMs).toBe(300_000);
  const { series, total } = await occupancyOf(
    store,
    scope,
    period,
    stepsOf(period, "PT1H", newYork),
    never,
  );
  expect(series).toEqual([
    { start, mean: rounded((8 + 12 + 6) / 3), peak: 12, received: 7, expected: 36 },
  ]);
  expect(total).toEqual({
    mean: rounded(26 / 3),
    peak: 12,
    peakAt: start + 300_000,
    received: 7,
    expected: 36,
  });
});

const rounded = (value: number): number => Number(value.toPrecision(12));
