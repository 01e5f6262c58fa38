// The heat map's grid.
import { expect, test } from "vitest";
import { cellFinder, heatLevel, hours, weekdays } from "./week-grid.ts";

test("168 cells, Monday first, each found by weekday and hour", () => {
  const cells = weekdays.flatMap(({ weekday }) => hours.map((hour) => ({ weekday, hour })));
  expect(new Set(cells.map(({ weekday, hour }) => `${weekday} ${hour}`)).size).toBe(168);
  const find = cellFinder(cells);
  expect(find(0, 23)).toEqual({ weekday: 0, hour: 23 });
  expect(cellFinder(cells.slice(1))(1, 0)).toBeNull();
});

test("levels run from nobody to the greatest", () => {
  expect([0, 0.1, 50, 100].map((value) => heatLevel(value, 100))).toEqual([0, 1, 3, 6]);
  expect(heatLevel(0, 0)).toBe(0);
});
