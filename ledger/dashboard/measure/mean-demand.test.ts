// Mean demand by hand.
import { expect, test } from "vitest";
import { withMeanDemand } from "./mean-demand.ts";

const step = (start: string, kwh: number | null, received: number, expected: number) => ({
  start,
  kwh,
  peakKw: null,
  received,
  expected,
});

const hours = [
  step("2026-11-22T10:00:00Z", 8, 4, 4),
  step("2026-11-22T11:00:00Z", null, 0, 4),
  step("2026-11-22T12:00:00Z", 4, 2, 2),
  step("2026-11-22T13:00:00Z", null, 0, 0),
];
const end = Date.parse("2026-11-22T14:00:00Z");

test("the hour that is half over is measured by its half", () => {
  const rows = withMeanDemand(hours, { end, counters: 0 });
  expect(rows.map(({ meanKw }) => meanKw)).toEqual([8, null, 8, null]);
});

test("a counter's newest reading closes the interval before it, so one interval less is known", () => {
  const rows = withMeanDemand(hours, { end, counters: 1 });
  expect(rows.map(({ meanKw }) => meanKw)).toEqual([8, null, 16, null]);
});

test("days of 24, 25 and 23 hours", () => {
  const rows = withMeanDemand(
    [
      step("2026-10-31T04:00:00Z", 24, 96, 96),
      step("2026-11-01T04:00:00Z", 25, 100, 100),
      step("2026-11-02T05:00:00Z", 24, 90, 96),
    ],
    { end: Date.parse("2026-11-03T05:00:00Z"), counters: 1 },
  );
  expect(rows.map(({ meanKw }) => meanKw)).toEqual([1, 1, 1]);
});
