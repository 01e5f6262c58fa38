// Rooms at this moment.
import { expect, test } from "vitest";
import type { Point } from "../data/shapes.ts";
import { freshValue, roomNow } from "./room-now.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const counter = (lastValue: number, minutesAgo: number): Point => ({
  id: `d${lastValue}.people`,
  device: "d",
  name: "people",
  unit: "count",
  kind: "gauge",
  interval: 300,
  label: null,
  place: "b1/floor-1/room-101",
  brick: "Occupancy_Count_Sensor",
  lastTime: new Date(now - minutesAgo * 60_000).toISOString(),
  lastValue,
  received: 1,
});

test("free, in use, overfull", () => {
  expect(roomNow([counter(0, 1)], 8, now)).toEqual({ state: "free", persons: 0 });
  expect(roomNow([counter(3, 1), counter(4, 1)], 8, now)).toEqual({ state: "used", persons: 4 });
  expect(roomNow([counter(9, 1)], 8, now).state).toBe("overfull");
  expect(roomNow([counter(9, 1)], null, now).state).toBe("used");
});

test("silence is not emptiness", () => {
  expect(roomNow([counter(0, 16)], 8, now)).toEqual({ state: "unknown", persons: null });
  expect(roomNow([counter(0, 16), counter(2, 1)], 8, now).persons).toBe(2);
  expect(roomNow([{ ...counter(1, 1), brick: "CO2_Level_Sensor" }], 8, now).state).toBe(
    "uncounted",
  );
});

test("a value stays fresh for three intervals, at least a quarter of an hour", () => {
  expect(freshValue({ ...counter(5, 15), interval: null }, now)).toBe(5);
  expect(freshValue({ ...counter(5, 44), interval: 900 }, now)).toBe(5);
  expect(freshValue({ ...counter(5, 46), interval: 900 }, now)).toBeNull();
  expect(freshValue({ lastTime: null, lastValue: null, interval: 60 }, now)).toBeNull();
});
