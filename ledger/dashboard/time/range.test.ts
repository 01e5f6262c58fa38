// Ranges from URLs, the steps they are drawn in, and the query the API gets.
import { expect, test } from "vitest";
import { apiQuery, daysOf, hourlyStepFor, rangeOf, stepFor } from "./range.ts";

const zone = "America/New_York";
const now = Date.parse("2026-11-22T19:05:00Z");
const read = (query: string) => rangeOf(new URLSearchParams(query), zone, now);

test("presets end at the coming full hour, and seven days are the default", () => {
  const week = read("");
  expect(week.preset).toBe("7d");
  expect(new Date(week.to).toISOString()).toBe("2026-11-22T20:00:00.000Z");
  expect(week.to - week.from).toBe(7 * 86_400_000);
  expect(read("range=24h").to - read("range=24h").from).toBe(86_400_000);
});

test("days are included at both ends and are the building's, so the day of a clock change has 25 hours", () => {
  const day = read("from=2026-11-01&to=2026-11-01");
  expect(day.to - day.from).toBe(25 * 3_600_000);
  expect(daysOf(day, zone)).toEqual({ first: "2026-11-01", last: "2026-11-01" });
  expect(day.query).toBe("from=2026-11-01&to=2026-11-01");
});

test("instants are taken as they stand", () => {
  const range = read("from=2026-11-01T00:00:00Z&to=2026-11-01T06:00:00Z");
  expect(apiQuery(range)).toBe("from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-01T06%3A00%3A00.000Z");
});

test.each([
  "from=2026-11-08&to=2026-11-01",
  "from=x&to=y",
  "from=2000-01-01&to=2026-01-01",
  "range=9y",
])("%s is no range, so the default is shown", (query) => {
  expect(read(query).preset).toBe("7d");
});

test("steps suit the range and the meter", () => {
  expect(stepFor(read("range=24h"), 900).iso).toBe("PT15M");
  expect(stepFor(read("range=24h"), 3_600).iso).toBe("PT1H");
  expect(stepFor(read("range=14d"), 60).iso).toBe("PT1H");
  const year = read("from=2025-01-01&to=2025-12-31");
  expect(stepFor(year, 60).iso).toBe("P1D");
  expect(hourlyStepFor(year).iso).toBe("P1D");
  expect(hourlyStepFor(read("range=14d")).iso).toBe("PT1H");
});
