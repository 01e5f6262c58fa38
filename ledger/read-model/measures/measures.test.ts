// The formulas on figures worked out by hand.

import { expect, test } from "vitest";
import { expectedReadings, owedTime } from "./completeness.ts";
import { kwhOf } from "./interval-energy.ts";
import { loadFactor } from "./load-factor.ts";
import { kwOf } from "./peak-demand.ts";

const at = (text: string): number => Date.parse(text);

test("energy and power", () => {
  expect(kwhOf(3_600_000)).toBe(1);
  expect(kwhOf(900_000)).toBe(0.25);
  // 2.5 kWh in a quarter of an hour is 10 kW.
  expect(kwOf(9_000_000 / 900)).toBe(10);
});

test("load factor: 120 kWh in a day with a peak of 10 kW is one half", () => {
  expect(loadFactor(120, 10, 86_400_000)).toBe(0.5);
  expect(loadFactor(0, 0, 86_400_000)).toBeNull();
  expect(loadFactor(1, 1, 0)).toBeNull();
});

test("a local day owes 96 quarter-hours, 92 and 100 when clocks change", () => {
  expect(expectedReadings(at("2026-03-07T05:00:00Z"), at("2026-03-08T05:00:00Z"), 900)).toBe(96);
  expect(expectedReadings(at("2026-03-08T05:00:00Z"), at("2026-03-09T04:00:00Z"), 900)).toBe(92);
  expect(expectedReadings(at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z"), 900)).toBe(100);
});

test("what is owed adds up over any cut, and nothing is owed backwards or without an interval", () => {
  const [from, cut, to] = [1_000_000_123, 1_000_700_456, 1_002_000_789];
  expect(expectedReadings(from, cut, 60)! + expectedReadings(cut, to, 60)!).toBe(
    expectedReadings(from, to, 60),
  );
  expect(expectedReadings(to, from, 60)).toBe(0);
  expect(expectedReadings(from, to, null)).toBeNull();
});

test("a reading answers for the owed time nearest to it", () => {
  const minute = 60_000;
  const seen = ["14:19:00", "14:19:59", "14:21:00", "14:21:31"].map((time) =>
    owedTime(at(`2015-02-02T${time}Z`), minute),
  );
  expect(seen.map((t) => new Date(t).toISOString().slice(11, 16))).toEqual([
    "14:19",
    "14:20",
    "14:21",
    "14:22",
  ]);
});
