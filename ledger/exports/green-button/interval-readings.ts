// A meter's energy, interval by interval, as the measures count it: never a value where none is known.

import { intervalsSql } from "../../read-model/measures/interval-energy.ts";
import { readingsSql } from "../../read-model/measures/readings.ts";
import type { PointRecord } from "../../read-model/registry.ts";
import { FLAG } from "../../read-model/schema.ts";
import type { Scope } from "../scope.ts";

export interface IntervalReading {
  /** Start in ms since 1970, and length in ms. */
  readonly at: number;
  readonly ms: number;
  /** Exact. */
  readonly joules: number;
  /** Longer than declared: readings are missing inside it, their total is not. */
  readonly gap: boolean;
  /** The reading that opens or closes it came after a later one. */
  readonly late: boolean;
  /** The device has no clock: the time follows from when it was anchored. */
  readonly clockless: boolean;
}

/** Time that one query covers: a month of quarter-hours is some 3,000 readings. */
const pageMs = 31 * 86_400_000;

/**
 * The intervals that start in the period, in order. Their sum is the meter's energy as the API gives it: a counter's
 * interval that is open at the end of the period is closed by the reading after it, and a counter's reset yields none.
 */
export async function* intervalReadings(
  { store, period, snapshot }: Scope,
  meter: PointRecord,
): AsyncGenerator<readonly IntervalReading[]> {
  for (let from = period.from; from < period.to; from += pageMs) {
    const to = Math.min(from + pageMs, period.to);
    const own = `s.point = ${meter.no} AND ${snapshot.where}`;
    const inside = readingsSql(`${own} AND s.t >= ${from} AND s.t < ${to}`);
    const closing =
      meter.kind === "counter"
        ? `UNION ALL SELECT point, 0 AS part, min(t) AS t, arg_min(v, t) AS v FROM (${readingsSql(`${own} AND s.t >= ${to}`)}) GROUP BY point`
        : "";
    const rows = await store.query(`
      WITH readings AS (SELECT point, 0 AS part, t, v FROM (${inside}) ${closing}),
      marked AS (
        SELECT s.t, arg_max(s.flags, s.rowid) AS flags FROM samples s
        WHERE ${own} AND s.t >= ${from} GROUP BY s.t HAVING flags <> 0
      )
      SELECT i.t, i.ms, i.j, i.gap, coalesce(opening.flags, 0) | coalesce(closing.flags, 0) AS flags
      FROM (${intervalsSql("readings")}) i
      LEFT JOIN marked opening ON opening.t = i.t
      LEFT JOIN marked closing ON closing.t = i.t + i.ms AND ${meter.kind === "counter"}
      WHERE i.good AND i.t < ${to} ORDER BY i.t`);
    yield rows.map(({ t, ms, j, gap, flags }) => ({
      at: Number(t),
      ms: Number(ms),
      joules: Number(j),
      gap: gap === true,
      late: (Number(flags) & FLAG.late) !== 0,
      clockless: (Number(flags) & FLAG.clockless) !== 0,
    }));
  }
}
