// Occupancy of a building, a floor or a room: mean and peak of the persons present, by step and by hour of the week.

import type { CivilTime } from "../civil-time.ts";
import { expectedReadings } from "../measures/completeness.ts";
import { STEP_START, stepsSql } from "../measures/occupancy.ts";
import { type Period, rounded } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { quarterMs } from "../schema.ts";
import type { Bucket, Buckets } from "../steps.ts";
import type { Row, Store } from "../store.ts";
import { isQuarterly } from "./quarters.ts";
import { receivedBy, receivedIn } from "./received.ts";

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
    const sql = `
      SELECT key, sum(steps) AS n, fsum(sum) AS sum, max(peak) AS peak, min(peak_t) FILTER (peak = highest) AS peak_t
      FROM (SELECT *, max(peak) OVER (PARTITION BY key) AS highest
        FROM (SELECT ${buckets.keySql("start")} AS key, * FROM (${presenceOf([scope], period, buckets.quarterly)}))) GROUP BY key`;
    for (const row of await store.query(sql, [scope.place])) rows.set(numberOf(row.key), row);
  }
  const received = await receivedIn(store, scope.counters, period, buckets);
  const expected = (span: Pick<Bucket, "start" | "end">): number => expectedIn(scope, span, now);
  const series = buckets.list.map((bucket): OccupancyStep => {
    const row = rows.get(bucket.key);
    return {
      start: bucket.start,
      mean: row === undefined ? null : rounded(numberOf(row.sum) / numberOf(row.n)),
      peak: row === undefined ? null : numberOf(row.peak),
      received: received.get(bucket.key) ?? 0,
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
      received: [...received.values()].reduce((total, n) => total + n, 0),
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
  const cellOf = (at: string): string => {
    const { weekday, hour } = civil.weekHourSql(at);
    return `(${weekday} * 24 + ${hour})`;
  };
  const rolledUp = isQuarterly(period);
  if (scope.counters.length > 0) {
    const sql = `
      SELECT ${cellOf("start")} AS cell, sum(steps) AS steps, fsum(sum) AS sum, max(peak) AS peak
      FROM (${presenceOf([scope], period, rolledUp)}) GROUP BY cell`;
    for (const row of await store.query(sql, [scope.place])) rows.set(numberOf(row.cell), row);
  }
  const received = await receivedBy(store, scope.counters, period, cellOf, rolledUp);
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
      received: received.get(cell) ?? 0,
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
  const rows = await store.query(
    `SELECT scope, sum(steps) AS steps, sum(occupied) AS occupied,
       coalesce(sum(steps) FILTER (${open}), 0) AS open_steps, coalesce(sum(occupied) FILTER (${open}), 0) AS open_occupied,
       fsum(sum) AS sum, max(peak) AS peak
     FROM (${presenceOf(counted, period, isQuarterly(period))}) GROUP BY scope`,
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
      },
    ]),
  );
}

/**
 * Presence (scope, start, steps, occupied, sum, peak, peak_t) of the steps that begin in a period: by quarter-hour from the roll-up,
 * or by step from samples. The places of the scopes are the query's first values.
 */
function presenceOf(scopes: readonly Scope[], { from, to }: Period, rolledUp: boolean): string {
  const wanted = `scope IN (${placeholders(scopes.map(({ place }) => place))})`;
  if (rolledUp)
    return `
      SELECT scope, slot::BIGINT * ${quarterMs} AS start, steps, occupied, sum, peak, peak_t
      FROM presence WHERE ${wanted} AND slot >= ${from / quarterMs} AND slot < ${to / quarterMs}`;
  const longest = Math.max(...scopes.map(({ stepMs }) => stepMs));
  return `
    SELECT scope, start, 1 AS steps, (persons > 0)::INTEGER AS occupied, persons AS sum, persons AS peak, start AS peak_t
    FROM (${stepsSql(`c.${wanted} AND s.t >= ${from - longest} AND s.t < ${to + longest} AND ${STEP_START} >= ${from} AND ${STEP_START} < ${to}`, "")})`;
}

function placeholders(values: readonly string[]): string {
  return values.map((_, i) => `$${i + 1}`).join(", ");
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
