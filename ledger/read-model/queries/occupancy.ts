// Occupancy of a building by step: mean and peak of the persons present, with completeness.

import { expectedReadings } from "../measures/completeness.ts";
import { occupancyPlan, personsSql } from "../measures/occupancy.ts";
import { type Period, rounded } from "../period.ts";
import type { PointRecord } from "../registry.ts";
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
  /** The counters that entered the figure. */
  readonly counters: readonly PointRecord[];
  readonly series: readonly OccupancyStep[];
  readonly total: Omit<OccupancyStep, "start"> & { readonly peakAt: number | null };
}

/** Persons present in the buckets, from the building's points. `now` (ms) ends what can be expected. */
export async function occupancyOf(
  store: Store,
  points: readonly PointRecord[],
  period: Period,
  buckets: Buckets,
  now: number,
): Promise<Occupancy> {
  const plan = occupancyPlan(points);
  const counters = plan.counters.map(({ point }) => point);
  const rows = new Map<number, Row>();
  if (counters.length > 0) {
    // The step that runs when the period begins started before it.
    const start = `greatest(slot * ${plan.stepMs}, ${period.from})`;
    const sql = `
      SELECT key, count(*) AS n, fsum(persons) AS sum, max(persons) AS peak, min(start) FILTER (persons = highest) AS peak_t, sum(received) AS received
      FROM (
        SELECT *, max(persons) OVER (PARTITION BY key) AS highest
        FROM (SELECT ${buckets.keySql(start)} AS key, ${start} AS start, persons, received FROM (${personsSql(plan, period.from, period.to)}))
      ) GROUP BY key`;
    for (const row of await store.query(sql)) rows.set(numberOf(row.key), row);
  }
  const expected = ({ start, end }: Pick<Bucket, "start" | "end">): number =>
    counters.reduce(
      (sum, { interval }) => sum + (expectedReadings(start, Math.min(end, now), interval) ?? 0),
      0,
    );
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
    counters,
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

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
