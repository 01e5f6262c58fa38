// Days and clocks of a building's zone, clock changes included.
import { expect, test } from "vitest";
import { dayAfter, formatTime, startOfDay, wallClock, zoneName } from "./zone.ts";

const zone = "America/New_York";

test("a day starts when the wall says so, on both sides of a clock change", () => {
  expect(startOfDay("2026-11-01", zone)).toBe(Date.parse("2026-11-01T04:00:00Z"));
  expect(startOfDay("2026-11-02", zone)).toBe(Date.parse("2026-11-02T05:00:00Z"));
  expect(startOfDay("2026-03-09", zone)).toBe(Date.parse("2026-03-09T04:00:00Z"));
  expect(startOfDay("2026-11-01", "Pacific/Kiritimati")).toBe(Date.parse("2026-10-31T10:00:00Z"));
  expect(startOfDay("2026-11-01", "Pacific/Pago_Pago")).toBe(Date.parse("2026-11-01T11:00:00Z"));
  expect(startOfDay("2026-11-01", "Asia/Kathmandu")).toBe(Date.parse("2026-10-31T18:15:00Z"));
});

test("what is no day is null", () => {
  for (const day of ["", "2026-02-30", "2026-13-01", "yesterday"])
    expect(startOfDay(day, zone)).toBeNull();
});

test("the wall clock and the formats are the building's", () => {
  const at = Date.parse("2026-11-22T19:05:09Z");
  expect(wallClock(at, zone)).toEqual({
    day: "2026-11-22",
    weekday: 6,
    hour: 14,
    minute: 5,
    second: 9,
  });
  expect(formatTime(at, zone)).toBe("Sun, Nov 22, 14:05");
  expect(zoneName(zone, at)).toBe("EST");
  expect(dayAfter("2026-12-31")).toBe("2027-01-01");
});
