// The span of time a page shows, as its URL says it: `?range=7d`, or `?from=2026-11-01&to=2026-11-07` (days, both included).
import { dayAfter, startOfDay, wallClock } from "./zone.ts";

/** Presets of days begin at a midnight of the building and include today. */
export const presets = [
  { key: "24h", label: "24 hours", days: null },
  { key: "7d", label: "7 days", days: 7 },
  { key: "30d", label: "30 days", days: 30 },
  { key: "365d", label: "1 year", days: 365 },
] as const;

export type PresetKey = (typeof presets)[number]["key"];

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const rangeDaysMax = 400;

export interface Range {
  readonly preset: PresetKey | null;
  readonly from: number; // ms, included
  readonly to: number; // ms, excluded
}

/** Reads a range; a query that says none, or nonsense, gives the last seven days. Presets end at the coming full hour, so that charts stand still between hours. */
export function rangeOf(query: URLSearchParams, zone: string, now: number): Range {
  const from = instantOf(query.get("from"), zone, false);
  const to = instantOf(query.get("to"), zone, true);
  if (from !== null && to !== null && from < to && to - from <= rangeDaysMax * dayMs)
    return { preset: null, from, to };
  const { key, days } = presets.find((one) => one.key === query.get("range")) ?? presets[1];
  const end = Math.ceil(now / hourMs) * hourMs;
  const today = wallClock(now, zone).day;
  return {
    preset: key,
    from: days === null ? end - dayMs : startOfDay(dayAfter(today, 1 - days), zone)!,
    to: end,
  };
}

function instantOf(text: string | null, zone: string, end: boolean): number | null {
  if (text === null) return null;
  const day = startOfDay(text, zone);
  if (day !== null) return end ? startOfDay(dayAfter(text), zone) : day;
  const instant = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? null : instant;
}

/** The first and last day of a range, for the two date fields. */
export function daysOf(range: Range, zone: string): { first: string; last: string } {
  return { first: wallClock(range.from, zone).day, last: wallClock(range.to - 1, zone).day };
}

/** The query that says these days, both included. */
export function daysQuery(first: string, last: string): string {
  return new URLSearchParams({ from: first, to: last }).toString();
}

/** The queries of the range before and of the one after, as long as this; null where nothing can be yet. */
export function neighbours(
  range: Range,
  zone: string,
  now: number,
): { readonly earlier: string; readonly later: string | null } {
  if (startOfDay(wallClock(range.from, zone).day, zone) !== range.from) {
    const shifted = (by: number): string =>
      new URLSearchParams({
        from: new Date(range.from + by).toISOString(),
        to: new Date(range.to + by).toISOString(),
      }).toString();
    const span = range.to - range.from;
    return { earlier: shifted(-span), later: range.to > now ? null : shifted(span) };
  }
  const { first, last } = daysOf(range, zone);
  const days = Math.round((Date.parse(last) - Date.parse(first)) / dayMs) + 1;
  return {
    earlier: daysQuery(dayAfter(first, -days), dayAfter(first, -1)),
    later:
      last >= wallClock(now, zone).day ? null : daysQuery(dayAfter(last), dayAfter(last, days)),
  };
}

export interface Step {
  readonly seconds: number;
  readonly iso: string;
  readonly name: string;
}

const quarter: Step = { seconds: 900, iso: "PT15M", name: "15 minutes" };
const hour: Step = { seconds: 3_600, iso: "PT1H", name: "hour" };
const day: Step = { seconds: 86_400, iso: "P1D", name: "day" };

/** The step that suits a range: fine when short, never finer than the meter reports (`intervalSeconds`). */
export function stepFor(range: Range, intervalSeconds: number): Step {
  const hours = (range.to - range.from) / hourMs;
  const wanted = hours <= 49 ? quarter : hours <= 35 * 24 ? hour : day;
  return (
    [quarter, hour, day].find(
      (step) => step.seconds >= Math.max(wanted.seconds, intervalSeconds),
    ) ?? day
  );
}

/** `from` and `to` as the API takes them. */
export function apiRange(range: Range): { readonly from: string; readonly to: string } {
  return { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() };
}
