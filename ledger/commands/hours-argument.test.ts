// Opening hours and dates as an operator writes them.
import { expect, test } from "vitest";
import { parseDate, parseDates, parseHours } from "./hours-argument.ts";

test("days, runs of days, and two intervals on one day", () => {
  const day = [[420, 1_140]];
  expect(parseHours("mon-fri 07:00-19:00, sat 13:30-24:00, sat 09:00-12:00")).toEqual([
    [],
    day,
    day,
    day,
    day,
    day,
    [
      [540, 720],
      [810, 1_440],
    ],
  ]);
  // A run may pass the end of the week.
  expect(parseHours("sat-sun 10:00-11:00").map((intervals) => intervals.length)).toEqual([
    1, 0, 0, 0, 0, 0, 1,
  ]);
});

test("what is no time or no day is refused", () => {
  for (const text of [
    "",
    "mon",
    "mon 9-17",
    "mon 17:00-09:00",
    "mon 09:00-24:01",
    "mon 09:60-11:00",
    "moo 09:00-17:00",
    "mon-moo 09:00-17:00",
  ])
    expect(() => parseHours(text), text).toThrow(/expected days and times/);
});

test("dates are sorted, once each, and in the calendar", () => {
  expect(parseDates("2026-12-25, 2026-07-03,2026-12-25")).toEqual(["2026-07-03", "2026-12-25"]);
  for (const text of ["2026-02-29", "2026-7-3", "today", ""])
    expect(() => parseDate(text), text).toThrow(/expected a date/);
});
