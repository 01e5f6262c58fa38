// Ranges from URLs, the steps they are drawn in, and the query the API gets.
import { expect, test } from "vitest";
import { apiRange, daysOf, neighbours, rangeOf, stepFor } from "./range.ts";

const zone = "America/New_York";
const now = Date.parse("2026-11-22T19:05:00Z");
const read = (query: string) => rangeOf(new URLSearchParams(query), zone, now);

test("presets end at the coming full hour; those of days begin at midnight, and seven days are the default", () => {
  const week = read("");
  expect(week.preset).toBe("7d");
  expect(apiRange(week)).toEqual({
    from: "2026-11-16T05:00:00.000Z",
    to: "2026-11-22T20:00:00.000Z",
  });
  expect(read("range=24h").to - read("range=24h").from).toBe(86_400_000);
  // Over the end of summer time.
  expect(apiRange(read("range=30d")).from).toBe("2026-10-24T04:00:00.000Z");
});

test("days are included at both ends and are the building's, so the day of a clock change has 25 hours", () => {
  const day = read("from=2026-11-01&to=2026-11-01");
  expect(day.to - day.from).toBe(25 * 3_600_000);
  expect(daysOf(day, zone)).toEqual({ first: "2026-11-01", last: "2026-11-01" });
});

test("instants are taken as they stand", () => {
  const range = read("from=2026-11-01T00:00:00Z&to=2026-11-01T06:00:00Z");
  expect(apiRange(range)).toEqual({
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-11-01T06:00:00.000Z",
  });
});

test.each([
  "from=2026-11-08&to=2026-11-01",
  "from=x&to=y",
  "from=2000-01-01&to=2026-01-01",
  "range=9y",
])("%s is no range, so the default is shown", (query) => {
  expect(read(query).preset).toBe("7d");
});

test("neighbours are as long, in days where days were said, and never in the future", () => {
  const said = (query: string) => neighbours(read(query), zone, now);
  expect(said("from=2026-11-02&to=2026-11-08")).toEqual({
    earlier: "from=2026-10-26&to=2026-11-01",
    later: "from=2026-11-09&to=2026-11-15",
  });
  expect(said("range=7d")).toEqual({ earlier: "from=2026-11-09&to=2026-11-15", later: null });
  expect(said("range=24h")).toEqual({
    earlier: new URLSearchParams({
      from: "2026-11-20T20:00:00.000Z",
      to: "2026-11-21T20:00:00.000Z",
    }).toString(),
    later: null,
  });
});

test("steps suit the range and the meter", () => {
  expect(stepFor(read("range=24h"), 900).iso).toBe("PT15M");
  expect(stepFor(read("range=24h"), 3_600).iso).toBe("PT1H");
  expect(stepFor(read("range=30d"), 60).iso).toBe("PT1H");
  expect(stepFor(read("from=2025-01-01&to=2025-12-31"), 60).iso).toBe("P1D");
});
