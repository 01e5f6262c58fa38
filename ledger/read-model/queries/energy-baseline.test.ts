// The baseline of a building in the store: which days enter it, what it predicts, and what was used beyond.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { BuildingRecord, PointRecord } from "../registry.ts";
import { noRows, type SampleRow } from "../rows.ts";
import { Store } from "../store.ts";
import { energyBaseline, weatherSensors } from "./energy-baseline.ts";

const zone = "America/New_York";
const hourMs = 3_600_000;
const start = Date.parse("2026-01-01T05:00:00Z");
const end = Date.parse("2026-05-01T04:00:00Z");
const building: BuildingRecord = {
  ...{ id: "b1", name: "b1", zone, grossFt2: null, usableFt2: null, address: null },
  ...{ hours: null, holidays: [], registry: 0 },
};
const shared = {
  device: "d",
  building: "b1",
  place: "b1",
  name: "x",
  label: null,
  trust: "device",
} as const;
const meter: PointRecord = {
  ...{ ...shared, no: 1, id: "m.x", unit: "J", kind: "interval", interval: 3_600 },
  brick: "Building_Electrical_Meter",
};
const outdoors = (no: number): PointRecord => ({
  ...{ ...shared, no, id: `w${no}.x`, unit: "Cel", kind: "gauge", interval: 3_600 },
  brick: "Outside_Air_Temperature_Sensor",
});
const sensors = [outdoors(2), outdoors(3)];

/** Mean temperature of the day that is the n-th since the start. */
const celsiusOf = (day: number): number => 6 + ((day * 5) % 17) - (day % 3);
const kwhOf = (day: number): number => 120 + 4 * Math.max(0, 16 - celsiusOf(day));
/** Hours since the start of a local day: clocks change on 8 March. */
const dayOf = (t: number): number =>
  Math.floor((t - start + (t >= Date.parse("2026-03-08T07:00:00Z") ? hourMs : 0)) / (24 * hourMs));

let store: Store;
beforeEach(async () => {
  store = await Store.open({ path: ":memory:", genesis: "00" });
});
afterEach(() => store.close());

async function fill(without: (point: number, t: number) => boolean, factor: (t: number) => number) {
  const samples: SampleRow[] = [];
  for (let t = start; t < end; t += hourMs) {
    const day = dayOf(t);
    const hours = day === 66 ? 23 : 24;
    const joules = Math.round(((kwhOf(day) * factor(t)) / hours) * 3_600_000);
    // One sensor reads half a degree too warm, the other too cold.
    const values = [joules, celsiusOf(day) + 0.5, celsiusOf(day) - 0.5];
    values.forEach((v, i) => {
      if (without(i + 1, t)) return;
      const index = samples.length;
      samples.push({ point: i + 1, t, v, gateway: 1, index, sequence: index, flags: 0 });
    });
  }
  await store.write({
    cursor: { next: 1, height: 1, time: 0 },
    rows: { ...noRows(), samples },
    registry: { rows: [], names: [], points: [meter, ...sensors] },
    says: [],
  });
}

test("March and April against January and February", async () => {
  expect(weatherSensors([meter, ...sensors])).toEqual(sensors);
  const march = Date.parse("2026-03-01T05:00:00Z");
  const isDay = (t: number, day: number): boolean => dayOf(t) === day;
  await fill(
    (point, t) =>
      // An hour of energy is missing on 3 January; one sensor is silent on 4 January, both for most of 5 January.
      (point === 1 && t === start + 2 * 24 * hourMs + 5 * hourMs) ||
      (point === 2 && isDay(t, 3)) ||
      (point > 1 && isDay(t, 4) && t > start + (4 * 24 + 9) * hourMs) ||
      (point === 1 && t === march + 5 * hourMs),
    // From April on a tenth more is used.
    (t) => (t >= Date.parse("2026-04-01T04:00:00Z") ? 1.1 : 1),
  );
  const { baseline, model, days, total } = await energyBaseline(store, {
    ...{ building, meters: [meter], weather: sensors, now: end },
    period: { from: march, to: end },
    baseline: { from: start, to: march },
  });
  expect(baseline).toEqual({ days: 57, leftOut: 2 });
  expect(model!.heating!.base).toBe(16);
  // One sensor alone shifts 4 January by half a degree.
  expect(model!.heating!.slope).toBeCloseTo(4, 1);
  expect(model!.intercept).toBeCloseTo(120, 0);
  expect(model!.cooling).toBeNull();
  expect(model!.r2).toBeGreaterThan(0.999);

  expect(days).toHaveLength(61);
  expect(days[0]).toMatchObject({
    date: "2026-03-01",
    actualKwh: null,
    cusumKwh: null,
    received: 23,
    expected: 24,
  });
  // The day that clocks change has 23 hours, and all of them were heard.
  expect(days[7]).toMatchObject({ date: "2026-03-08", received: 23, expected: 23 });
  days.forEach((day, i) => {
    expect(day.celsius).toBeCloseTo(celsiusOf(59 + i), 9);
    expect(day.predictedKwh).toBeCloseTo(kwhOf(59 + i), 0);
    if (i > 0) expect(day.actualKwh).toBeCloseTo(kwhOf(59 + i) * (i < 31 ? 1 : 1.1), 4);
  });
  const april = days.slice(31).map((_, i) => kwhOf(90 + i));
  const extra = april.reduce((sum, kwh) => sum + 0.1 * kwh, 0);
  expect(days[30]!.cusumKwh).toBeCloseTo(0, -1);
  expect(days.at(-1)!.cusumKwh! - days[30]!.cusumKwh!).toBeCloseTo(extra, -1);
  expect(total.days).toBe(60);
  expect(total.savingsKwh).toBe(-days.at(-1)!.cusumKwh!);
  expect(total.actualKwh! - total.predictedKwh!).toBeCloseTo(-total.savingsKwh!, 6);
});

test("days that are not over are not compared", async () => {
  await fill(
    () => false,
    () => 1,
  );
  const noon = Date.parse("2026-04-20T16:00:00Z");
  const { days } = await energyBaseline(store, {
    ...{ building, meters: [meter], weather: sensors, now: noon },
    period: { from: Date.parse("2026-04-18T10:00:00Z"), to: Date.parse("2026-04-22T04:00:00Z") },
    baseline: { from: start, to: Date.parse("2026-04-01T04:00:00Z") },
  });
  expect(
    days.map(({ date, actualKwh, predictedKwh }) => [
      date,
      actualKwh !== null,
      predictedKwh !== null,
    ]),
  ).toEqual([
    ["2026-04-18", false, false],
    ["2026-04-19", true, true],
    ["2026-04-20", false, false],
    ["2026-04-21", false, false],
  ]);
});
