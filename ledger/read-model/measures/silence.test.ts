// Silence by hand: three of the shortest intervals, a quarter-hour at least.

import { expect, test } from "vitest";
import { isSilent, silentAfterMs } from "./silence.ts";

const minute = 60_000;
const points = (...intervals: readonly (number | null)[]) =>
  intervals.map((interval) => ({ interval }));

test("the fastest point counts, but never less than a quarter-hour", () => {
  expect(silentAfterMs(points(3_600, null, 900))).toBe(45 * minute);
  expect(silentAfterMs(points(60))).toBe(15 * minute);
  expect(silentAfterMs(points(null))).toBeNull();
  expect(silentAfterMs([])).toBeNull();
});

test("a device is silent beyond that, and from the start; one that promised nothing never is", () => {
  expect(isSilent(points(900), 0, 45 * minute)).toBe(false);
  expect(isSilent(points(900), 0, 45 * minute + 1)).toBe(true);
  expect(isSilent(points(900), null, 0)).toBe(true);
  expect(isSilent(points(null), 0, 1e12)).toBe(false);
  expect(isSilent([], null, 1e12)).toBe(false);
});
