// The span of time a page shows, as its URL says it: `?range=7d`, or `?from=2026-11-01&to=2026-11-07` (days, both included).
import { dayAfter, startOfDay, wallClock } from "./zone.ts";

export const presets = [
  { key: "24h", label: "24 hours", hours: 24 },
  { key: "7d", label: "7 days", hours: 168 },
  { key: "14d", label: "14 days", hours: 336 },
] as const;

export type PresetKey = (typeof presets)[number]["key"];

const hourMs = 3_600_000;
const rangeDaysMax = 400;

export interface Range {
  readonly preset: PresetKey | null;
  readonly from: number; // ms, included
  readonly to: number; // ms, excluded
  readonly query: string; // what the URL carries to say the same
}

/** Reads a range; a query that says none, or nonsense, gives the last seven days. Presets end at the coming full hour, so that charts stand still between hours. */
export function rangeOf(query: URLSearchParams, zone: string, now: number): Range {
  const from = instantOf(query.get("from"), zone, false);
  const to = instantOf(query.get("to"), zone, true);
  if (from !== null && to !== null && from < to && to - from <= rangeDaysMax * 24 * hourMs) {
    const said = new URLSearchParams({ from: query.get("from")!, to: query.get("to")! });
    return { preset: null, from, to, query: said.toString() };
  }
  const preset = presets.find(({ key }) => key === query.get("range")) ?? presets[1];
  const end = Math.ceil(now / hourMs) * hourMs;
  return {
    preset: preset.key,
    from: end - preset.hours * hourMs,
    to: end,
    query: `range=${preset.key}`,
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

/** The hourly step while a range has at most two months of hours, else the daily one. */
export function hourlyStepFor(range: Range): Step {
  return range.to - range.from <= 62 * 24 * hourMs ? hour : day;
}

/** `from`, `to` and `step` as the API takes them. */
export function apiQuery(range: Range, step?: Step): string {
  const query = new URLSearchParams({
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
  });
  if (step) query.set("step", step.iso);
  return query.toString();
}
