// Days of the civil calendar as whole numbers, so that dates can be added, compared and used as keys (proleptic Gregorian, ISO 8601).

/** Days from 1970-01-01 to a local date; no zone is in it. */
export type CivilDay = number;

const dayMs = 86_400_000;

/** The day of a calendar date; `month` counts from 1, and a day past the month's end runs on. */
export function civilDay(year: number, month: number, day: number): CivilDay {
  return Date.UTC(year, month - 1, day) / dayMs;
}

/** 0 is Sunday. */
export function weekdayOf(day: CivilDay): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** The date as YYYY-MM-DD. */
export function dateOf(day: CivilDay): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The calendar year of a day. */
export function yearOf(day: CivilDay): number {
  return new Date(day * dayMs).getUTCFullYear();
}
