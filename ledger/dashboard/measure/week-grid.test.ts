// The heat map's grid by hand, in the building's zone.
import { expect, test } from "vitest";
import { heatLevel, weekGrid } from "./week-grid.ts";

const step = (start: string, mean: number | null, peak = mean) => ({
  start,
  mean,
  peak,
  received: 1,
  expected: 1,
});

test("two Mondays at nine are averaged; hours unknown are not zero", () => {
  const grid = weekGrid(
    [
      step("2026-11-09T14:00:00Z", 10, 12),
      step("2026-11-16T14:00:00Z", 20, 30),
      step("2026-11-17T14:00:00Z", null),
    ],
    "America/New_York",
  );
  expect(grid[0]![9]).toEqual({ mean: 15, peak: 30, hours: 2 });
  expect(grid[1]![9]).toEqual({ mean: null, peak: null, hours: 0 });
  expect(grid).toHaveLength(7);
});

test("levels run from nobody to the greatest", () => {
  expect([0, 0.1, 50, 100].map((value) => heatLevel(value, 100))).toEqual([0, 1, 3, 6]);
  expect(heatLevel(0, 0)).toBe(0);
});
