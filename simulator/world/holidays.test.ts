// The rule against the dates that the Office of Personnel Management publishes (opm.gov, federal holidays).
import { expect, test } from "vitest";
import { dateOf } from "./calendar.ts";
import { federalHolidays } from "./holidays.ts";

const dates = (year: number) => federalHolidays(year).map(dateOf);

test("2026: Independence Day is a Saturday and kept on Friday", () => {
  expect(dates(2026)).toEqual([
    "2026-01-01",
    "2026-01-19",
    "2026-02-16",
    "2026-05-25",
    "2026-06-19",
    "2026-07-03",
    "2026-09-07",
    "2026-10-12",
    "2026-11-11",
    "2026-11-26",
    "2026-12-25",
  ]);
});

test("2022: Juneteenth and Christmas are Sundays and kept on Monday", () => {
  expect(dates(2022).slice(-6)).toEqual([
    "2022-07-04",
    "2022-09-05",
    "2022-10-10",
    "2022-11-11",
    "2022-11-24",
    "2022-12-26",
  ]);
  expect(dates(2022)).toContain("2022-06-20");
});

test("New Year's Day of 2022 is a Saturday: it is kept in 2021, which has twelve", () => {
  expect(dates(2021)).toHaveLength(12);
  expect(dates(2021).at(-1)).toBe("2021-12-31");
  expect(dates(2022)[0]).toBe("2022-01-17");
});
