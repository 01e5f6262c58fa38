// When a building is open: seven lists of intervals in local civil minutes, and the dates on which they do not apply.

import type { Cbor } from "@muniment/core";
import { isDate } from "../civil-date.ts";
import { Refusal } from "../codes.ts";
import type { WeekHours } from "../records.ts";

export const WEEKDAYS = 7;
export const HOLIDAYS_MAX = 512;
/** Intervals of one day. */
const INTERVALS_MAX = 8;
const DAY_MINUTES = 1_440;

/** Reads the hours of a week, Sunday first; else `registry.body`. */
export function readHours(days: readonly Cbor[]): WeekHours {
  if (days.length !== WEEKDAYS)
    throw new Refusal("registry.body", `hours: expected ${WEEKDAYS} days, found ${days.length}`);
  return days.map((day) => {
    if (!Array.isArray(day) || day.length > INTERVALS_MAX)
      throw new Refusal(
        "registry.body",
        `hours: expected at most ${INTERVALS_MAX} intervals a day`,
      );
    let closed = 0;
    return day.map((interval: Cbor): readonly [number, number] => {
      const [open, close] = Array.isArray(interval) && interval.length === 2 ? interval : [];
      if (!isMinute(open) || !isMinute(close) || open < closed || close <= open)
        throw new Refusal(
          "registry.body",
          `hours: expected [open, close] in minutes from 0 to ${DAY_MINUTES}, in order, not overlapping`,
        );
      closed = close;
      return [open, close];
    });
  });
}

/** Reads dates, each later than the one before; else `registry.body`. */
export function readHolidays(items: readonly Cbor[]): readonly string[] {
  return items.map((date, i) => {
    if (!isDate(date) || (i > 0 && date <= String(items[i - 1])))
      throw new Refusal("registry.body", "holidays: expected dates such as 2026-07-04, in order");
    return date;
  });
}

function isMinute(value: Cbor | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= DAY_MINUTES;
}
