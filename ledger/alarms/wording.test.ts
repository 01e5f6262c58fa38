// What alarms say: units and durations as people read them.

import { expect, it } from "vitest";
import { amount, duration } from "./wording.ts";

it.each([
  [0.00124, "/", "CO2_Level_Sensor", "1240 ppm"],
  [0.5, "/", null, "0.5 /"],
  [0.1 + 0.2, "Cel", null, "0.3 °C"],
  [9_000_000, "J", null, "2.5 kWh"],
  [0.875, "1", null, "87.5 %"],
  [3, "", null, "3"],
  [12, "count", "Occupancy_Count_Sensor", "12 count"],
])("%d %s (%s) is %s", (value, unit, brick, text) => {
  expect(amount(value, { unit, brick })).toBe(text);
});

it.each([
  [0, "0 seconds"],
  [1, "1 second"],
  [90, "90 seconds"],
  [120, "2 minutes"],
  [5_400, "90 minutes"],
  [3_600, "1 hour"],
  [172_800, "2 days"],
])("%d s is %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
