// The quarter-hours of energy meters in a period: from the roll-up, or from samples where the period cuts a quarter.

import { readingsSql } from "../measures/readings.ts";
import type { Period } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { quartersSql } from "../roll-up.ts";
import { quarterMs } from "../schema.ts";

/** Whether a period cuts no quarter-hour. */
export function isQuarterly({ from, to }: Period): boolean {
  return from % quarterMs === 0 && to % quarterMs === 0;
}

/**
 * Quarter-hours (point, start, joules, ms, gaps, resets) of `meters`, of which there is at least one. `start` is
 * never before the period.
 */
export function quartersOf(
  meters: readonly Pick<PointRecord, "no" | "kind">[],
  { from, to }: Period,
  rolledUp = isQuarterly({ from, to }),
): string {
  const numbers = meters.map(({ no }) => no).join(", ");
  if (rolledUp)
    return `
      SELECT point, slot::BIGINT * ${quarterMs} AS start, joules, ms, gaps, resets
      FROM quarters WHERE point IN (${numbers}) AND slot >= ${from / quarterMs} AND slot < ${to / quarterMs}`;
  const counters = meters.filter(({ kind }) => kind === "counter").map(({ no }) => no);
  // The reading that closes a counter's last interval may come after the period.
  const closing =
    counters.length === 0
      ? ""
      : `UNION ALL SELECT point, 0 AS part, min(t) AS t, arg_min(v, t) AS v FROM
          (${readingsSql(`s.point IN (${counters.join(", ")}) AND s.t >= ${to}`)}) GROUP BY point`;
  const readings = `(
    SELECT point, 0 AS part, t, v FROM (${readingsSql(`s.point IN (${numbers}) AND s.t >= ${from} AND s.t < ${to}`)}) ${closing})`;
  const slot = `greatest(t // ${quarterMs} * ${quarterMs}, ${from})`;
  return `
    SELECT point, slot AS start, joules, ms, gaps, resets
    FROM (${quartersSql(readings, `t < ${to}`, slot)})`;
}
