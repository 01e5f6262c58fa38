// Federal holidays by rule: which days federal offices are closed (5 U.S.C. 6103; observed days: 5 U.S.C. 6103(b), Executive Order 11582).
import { type CivilDay, civilDay, weekdayOf, yearOf } from "./calendar.ts";

const saturday = 6;
const sunday = 0;
const monday = 1;
const thursday = 4;

/** The days of a year on which offices are closed for a holiday, in order: Saturday's is kept on Friday, Sunday's on Monday. */
export function federalHolidays(year: number): readonly CivilDay[] {
  const legal = [
    civilDay(year, 1, 1), // New Year's Day
    nth(3, monday, year, 1), // Birthday of Martin Luther King, Jr.
    nth(3, monday, year, 2), // Washington's Birthday
    last(monday, year, 5), // Memorial Day
    civilDay(year, 6, 19), // Juneteenth National Independence Day
    civilDay(year, 7, 4), // Independence Day
    nth(1, monday, year, 9), // Labor Day
    nth(2, monday, year, 10), // Columbus Day
    civilDay(year, 11, 11), // Veterans Day
    nth(4, thursday, year, 11), // Thanksgiving Day
    civilDay(year, 12, 25), // Christmas Day
    civilDay(year + 1, 1, 1), // kept in this year when it is a Saturday
  ];
  return legal.map(observed).filter((day) => yearOf(day) === year);
}

function observed(day: CivilDay): CivilDay {
  const weekday = weekdayOf(day);
  return weekday === saturday ? day - 1 : weekday === sunday ? day + 1 : day;
}

function nth(n: number, weekday: number, year: number, month: number): CivilDay {
  const first = civilDay(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7;
}

function last(weekday: number, year: number, month: number): CivilDay {
  const end = civilDay(year, month + 1, 1) - 1;
  return end - ((weekdayOf(end) - weekday + 7) % 7);
}
