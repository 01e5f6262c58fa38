// Local days: which one an instant is in, and when it is over, where clocks change too.

import { expect, test } from "vitest";
import { civilDate, civilDayEnd } from "./civil-day.ts";

const at = (text: string) => Date.parse(text);

test.each([
  ["America/New_York", "2026-01-05T04:59:59.999Z", "2026-01-04"],
  ["America/New_York", "2026-01-05T05:00:00Z", "2026-01-05"],
  ["Pacific/Kiritimati", "2026-01-05T09:59:59Z", "2026-01-05"],
  ["Pacific/Kiritimati", "2026-01-05T10:00:00Z", "2026-01-06"],
  ["Asia/Kathmandu", "2026-01-05T18:15:00Z", "2026-01-06"],
  ["UTC", "1970-01-01T00:00:00Z", "1970-01-01"],
  ["Nowhere/At-All", "2026-01-05T23:59:59Z", "2026-01-05"],
])("%s: %s is in %s", (zone, instant, date) => {
  expect(civilDate(zone, at(instant))).toBe(date);
});

test.each([
  ["America/New_York", "2026-01-05", "2026-01-06T05:00:00Z"],
  // 23 and 25 hours long.
  ["America/New_York", "2026-03-08", "2026-03-09T04:00:00Z"],
  ["America/New_York", "2026-11-01", "2026-11-02T05:00:00Z"],
  ["Pacific/Kiritimati", "2026-01-05", "2026-01-05T10:00:00Z"],
  ["Pacific/Pago_Pago", "2026-01-05", "2026-01-06T11:00:00Z"],
  ["Australia/Lord_Howe", "2026-01-05", "2026-01-05T13:00:00Z"],
  ["Asia/Kathmandu", "2026-01-05", "2026-01-05T18:15:00Z"],
  ["Nowhere/At-All", "2026-01-05", "2026-01-06T00:00:00Z"],
])("%s: %s ends at %s", (zone, date, end) => {
  expect(new Date(civilDayEnd(zone, date)).toISOString()).toBe(end.replace("Z", ".000Z"));
  expect(civilDate(zone, at(end) - 1)).toBe(date);
});
