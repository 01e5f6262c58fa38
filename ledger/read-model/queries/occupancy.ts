// Occupancy of a building, a floor or a room: mean and peak of the persons present, by step and by hour of the week.

import type { CivilTime } from "../civil-time.ts";
import { expectedReadings } from "../measures/completeness.ts";
import { stepsSql } from "../measures/occupancy.ts";
import { type Period, rounded } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { quarterMs } from "../schema.ts";
import type { Bucket, Buckets } from "../steps.ts";
import type { Row, Store } from "../store.ts";

interface OccupancyStep {
  readonly start: number;
  /** Mean of the steps for which a reading came; null when none did. */
  readonly mean: number | null;
  readonly peak: number | null;
  readonly received: number;
  readonly expected: number;
}

export interface Occupancy {
  readonly series: readonly OccupancyStep[];
  readonly total: Omit<OccupancyStep, "start"> & { readonly peakAt: number | null };
}

/** The counters of a place, and the step in which its persons are added up. */
export interface Scope {
  /** Path of the building, floor or room. */
  readonly place: string;
  readonly counters: readonly PointRecord[];
  readonly stepMs: number;
}

/** The scope of each place, from the building's points; a place without counters has an empty one. */
export async function scopesOf(
  store: Store,
  places: readonly string[],
  points: readonly PointRecord[],
): Promise<ReadonlyMap<string, Scope>> {
  const scopes = new Map<string, Scope>(
    places.map((place) => [place, { place, counters: [], stepMs: quarterMs }]),
  );
  if (places.length === 0) return scopes;
  const known = new Map(points.map((point) => [point.no, point]));
  const rows = await store.query(
    `SELECT scope, list(point ORDER BY point)::VARCHAR AS points, any_value(step_ms) AS step_ms FROM counters
     WHERE scope IN (${placeholders(places)}) GROUP BY scope`,
    places,
  );
  for (const { scope, points: numbers, step_ms } of rows) {
    const counters = (JSON.parse(String(numbers)) as number[]).flatMap((no) => known.get(no) ?? []);
    scopes.set(String(scope), { place: String(scope), counters, stepMs: numberOf(step_ms) });
  }
  return scopes;
}

/** Persons present in the buckets. `now` (ms) ends what can be expected. */
export async function occupancyOf(
  store: Store,
  scope: Scope,
  period: Period,
  buckets: Buckets,
  now: number,
): Promise<Occupancy> {
  const rows = new Map<number, Row>();
  if (scope.counters.length > 0) {
    const whole = buckets.quarterly && servesSteps(scope, buckets.list);
    const sql = `
      SELECT key, sum(steps) AS n, fsum(sum) AS sum, max(peak) AS peak, min(peak_t) FILTER (peak = highest) AS peak_t, sum(received) AS received
      FROM (SELECT *, max(peak) OVER (PARTITION BY key) AS highest
        FROM (SELECT ${buckets.keySql("start")} AS key, * FROM (${presenceOf([scope.place], period, whole)}))) GROUP BY key`;
    for (const row of await store.query(sql, [scope.place])) rows.set(numberOf(row.key), row);
  }
  const expected = (span: Pick<Bucket, "start" | "end">): number => expectedIn(scope, span, now);
  const series = buckets.list.map((bucket): OccupancyStep => {
    const row = rows.get(bucket.key);
    return {
      start: bucket.start,
      mean: row === undefined ? null : rounded(numberOf(row.sum) / numberOf(row.n)),
      peak: row === undefined ? null : numberOf(row.peak),
      received: numberOf(row?.received),
      expected: expected(bucket),
    };
  });
  const all = [...rows.values()];
  const sum = (name: string): number => all.reduce((total, row) => total + numberOf(row[name]), 0);
  const peak = all.length === 0 ? null : Math.max(...all.map((row) => numberOf(row.peak)));
  const peakTimes = all.filter((row) => row.peak === peak).map((row) => numberOf(row.peak_t));
  return {
    series,
    total: {
      mean: all.length === 0 ? null : rounded(sum("sum") / sum("n")),
      peak,
      peakAt: peakTimes.length === 0 ? null : Math.min(...peakTimes),
      received: sum("received"),
      expected: expected({ start: period.from, end: period.to }),
    },
  };
}

/** One hour of the week. */
export interface WeekCell extends Omit<OccupancyStep, "start"> {
  readonly weekday: number;
  readonly hour: number;
  /** Steps that were heard. */
  readonly steps: number;
}

/** Persons present by weekday and local hour in which a step begins; 168 cells, Sunday 0:00 first. */
export async function occupancyWeek(
  store: Store,
  scope: Scope,
  period: Period,
  civil: CivilTime,
  now: number,
): Promise<readonly WeekCell[]> {
  const rows = new Map<number, Row>();
  if (scope.counters.length > 0) {
    const whole = [...civil.hours()].map(({ start, end }) => ({ start, end }));
    const { weekday, hour } = civil.weekHourSql("start");
    const sql = `
      SELECT ${weekday} * 24 + ${hour} AS cell, sum(steps) AS steps, fsum(sum) AS sum, max(peak) AS peak, sum(received) AS received
      FROM (${presenceOf([scope.place], period, servesSteps(scope, whole))}) GROUP BY cell`;
    for (const row of await store.query(sql, [scope.place])) rows.set(numberOf(row.cell), row);
  }
  const expected = new Map<number, number>();
  for (const { start, end, weekday, hour } of civil.hours()) {
    const cell = weekday * 24 + hour;
    expected.set(cell, (expected.get(cell) ?? 0) + expectedIn(scope, { start, end }, now));
  }
  return Array.from({ length: 168 }, (_, cell): WeekCell => {
    const row = rows.get(cell);
    return {
      weekday: Math.floor(cell / 24),
      hour: cell % 24,
      mean: row === undefined ? null : rounded(numberOf(row.sum) / numberOf(row.steps)),
      peak: row === undefined ? null : numberOf(row.peak),
      steps: numberOf(row?.steps),
      received: numberOf(row?.received),
      expected: expected.get(cell) ?? 0,
    };
  });
}

/** Readings that a scope's counters owe for a span up to `now`. */
export function expectedIn(
  { counters }: Scope,
  { start, end }: Pick<Bucket, "start" | "end">,
  now: number,
): number {
  return counters.reduce(
    (sum, { interval }) => sum + (expectedReadings(start, Math.min(end, now), interval) ?? 0),
    0,
  );
}

/** Whether no span cuts a step or a quarter-hour of the roll-up. */
export function servesSteps(
  { stepMs }: Pick<Scope, "stepMs">,
  spans: readonly Pick<Bucket, "start" | "end">[],
): boolean {
  const whole = (at: number): boolean =>
    at % quarterMs === 0 && (quarterMs % stepMs === 0 || at % stepMs === 0);
  return spans.every(({ start, end }) => whole(start) && whole(end));
}

/** Presence of a scope in a period. */
export interface Presence {
  /** Steps that were heard, those with a person there among them, and the latter that began while the building was open. */
  readonly steps: number;
  readonly occupied: number;
  readonly openSteps: number;
  readonly openOccupied: number;
  /** Persons added up over the steps. */
  readonly sum: number;
  readonly peak: number;
  readonly received: number;
}

/** Presence of many scopes at once; one that was never heard is absent. `open` is an SQL condition on `start`. */
export async function presenceOfScopes(
  store: Store,
  scopes: readonly Scope[],
  period: Period,
  open = "false",
): Promise<ReadonlyMap<string, Presence>> {
  const counted = scopes.filter(({ counters }) => counters.length > 0);
  if (counted.length === 0) return new Map();
  const places = counted.map(({ place }) => place);
  const span = { start: period.from, end: period.to };
  const rolledUp = counted.every((scope) => servesSteps(scope, [span]));
  const rows = await store.query(
    `SELECT scope, sum(steps) AS steps, sum(occupied) AS occupied,
       coalesce(sum(steps) FILTER (${open}), 0) AS open_steps, coalesce(sum(occupied) FILTER (${open}), 0) AS open_occupied,
       fsum(sum) AS sum, max(peak) AS peak, sum(received) AS received
     FROM (${presenceOf(places, period, rolledUp)}) GROUP BY scope`,
    places,
  );
  return new Map(
    rows.map((row) => [
      String(row.scope),
      {
        steps: numberOf(row.steps),
        occupied: numberOf(row.occupied),
        openSteps: numberOf(row.open_steps),
        openOccupied: numberOf(row.open_occupied),
        sum: numberOf(row.sum),
        peak: numberOf(row.peak),
        received: numberOf(row.received),
      },
    ]),
  );
}

/**
 * Presence (scope, start, steps, occupied, sum, peak, peak_t, received) of scopes in a period: by quarter-hour from the roll-up,
 * or by step from samples. The places are the query's first values. The step that runs when the period begins started before it.
 */
function presenceOf(places: readonly string[], { from, to }: Period, rolledUp: boolean): string {
  const wanted = `scope IN (${placeholders(places)})`;
  if (rolledUp)
    return `
      SELECT scope, slot::BIGINT * ${quarterMs} AS start, steps, occupied, sum, peak, peak_t, received
      FROM presence WHERE ${wanted} AND slot >= ${from / quarterMs} AND slot < ${to / quarterMs}`;
  const start = `greatest(start, ${from})`;
  return `
    SELECT scope, ${start} AS start, 1 AS steps, (persons > 0)::INTEGER AS occupied, persons AS sum, persons AS peak, ${start} AS peak_t, received
    FROM (${stepsSql(`c.${wanted} AND s.t >= ${from} AND s.t < ${to}`, "")})`;
}

function placeholders(values: readonly string[]): string {
  return values.map((_, i) => `$${i + 1}`).join(", ");
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
