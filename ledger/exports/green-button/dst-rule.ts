// A zone's clock changes as ESPI tells them: two offsets and two rules of four bytes (NAESB REQ.21 ESPI 4.0, TimeConfiguration and DstRuleType).

import { offsets } from "../../read-model/time-zone.ts";

/** LocalTimeParameters: offsets in seconds, rules as 8 hexadecimal digits. */
export interface LocalTime {
  readonly tzOffset: number;
  readonly dstOffset: number;
  readonly dstStartRule: string;
  readonly dstEndRule: string;
}

/** "Rule processing/DST correction is disabled." */
const NO_RULE = "FFFFFFFF";
/** After so many years every date has stood on every weekday, leap years included. */
const calendarYears = 28;

/** One clock change in the civil time that held before it. */
interface Change {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  readonly second: number;
}

/**
 * The rules of a zone from `year` on; where they are to change within the calendar's cycle, those of that year alone. A
 * zone that keeps one time, one whose summer spans the new year (ESPI wants the end after the start, within one year), and one
 * that follows no such rule have the rules disabled and are told by their standard time.
 */
export function localTime(zone: string, year: number): LocalTime {
  const standard = Math.min(
    ...offsets(zone, Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)).map(({ offset }) => offset),
  );
  for (const years of [calendarYears, 1]) {
    const { starts, ends, summer } = changesOf(zone, year, years);
    const start = ruleOf(starts, years);
    const end = ruleOf(ends, years);
    const inOrder = starts.every(({ month }, i) => month < (ends[i]?.month ?? 0));
    if (start !== null && end !== null && inOrder && summer !== null)
      return {
        tzOffset: standard / 1000,
        dstOffset: (summer - standard) / 1000,
        dstStartRule: start,
        dstEndRule: end,
      };
  }
  return { tzOffset: standard / 1000, dstOffset: 0, dstStartRule: NO_RULE, dstEndRule: NO_RULE };
}

function changesOf(zone: string, year: number, years: number) {
  const segments = offsets(zone, Date.UTC(year, 0, 1), Date.UTC(year + years, 0, 1));
  const starts: Change[] = [];
  const ends: Change[] = [];
  const summers = new Set<number>();
  for (const [i, { from, offset }] of segments.entries()) {
    const before = segments[i - 1]?.offset;
    if (before === undefined) continue;
    (offset > before ? starts : ends).push(changeAt(from + before));
    summers.add(Math.max(offset, before));
  }
  return { starts, ends, summer: summers.size === 1 ? [...summers][0]! : null };
}

function changeAt(local: number): Change {
  const date = new Date(local);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay() || 7,
    second: Math.floor((local % 86_400_000) / 1000),
  };
}

/** The rule that gives one change in each of the years, or null. */
function ruleOf(changes: readonly Change[], years: number): string | null {
  const [first] = changes;
  const same = (of: (change: Change) => number): boolean =>
    changes.every((change) => of(change) === of(first!));
  if (first === undefined || changes.length !== years) return null;
  if (!same(({ month }) => month) || !same(({ second }) => second)) return null;
  const { month, second, weekday } = first;
  const encode = (operator: number, day: number, dayOfWeek: number): string =>
    encodeRule({ month, operator, day, weekday: dayOfWeek, second });
  // A date without a weekday is that date only if the calendar has had the chance to say otherwise.
  if (years > 1 && same(({ day }) => day)) return encode(0, first.day, 0);
  if (!same((change) => change.weekday)) return null;
  if (changes.every(({ year, day }) => day + 7 > daysIn(year, month))) return encode(7, 0, weekday);
  const week = Math.ceil(first.day / 7);
  if (same(({ day }) => Math.ceil(day / 7))) return encode(week + 1, 0, weekday);
  const from = Math.max(...changes.map(({ day }) => day)) - 6;
  return changes.every(({ day }) => day >= from) ? encode(1, from, weekday) : null;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * DstRuleType. Bits 0 to 11: seconds of the hour; 12 to 16: hour; 17 to 19: weekday, Monday 1; 20 to 24: day of the month;
 * 25 to 27: operator (0 that day, 1 the weekday on or after it, 2 to 6 the first to fifth weekday, 7 the last); 28 to 31: month.
 */
function encodeRule(rule: Omit<Change, "year"> & { readonly operator: number }): string {
  const { month, operator, day, weekday, second } = rule;
  const hour = Math.floor(second / 3600);
  const bits =
    month * 2 ** 28 + operator * 2 ** 25 + day * 2 ** 20 + weekday * 2 ** 17 + hour * 2 ** 12;
  return (bits + (second % 3600)).toString(16).toUpperCase().padStart(8, "0");
}
