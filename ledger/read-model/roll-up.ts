// The hourly roll-up: every touched hour is computed anew from its samples, so it always equals a rebuild (D10).

import { intervalsSql } from "./measures/interval-energy.ts";
import { demandSql } from "./measures/peak-demand.ts";
import { readingsSql } from "./measures/readings.ts";
import { hourMs } from "./schema.ts";

/** Hours to compute anew, as rows (point, hour); filled by the store. */
export const TOUCHED_TABLE = "CREATE TEMP TABLE touched (point INTEGER, hour INTEGER)";

/**
 * Statements that bring `hourly` up to date with `touched`, to be run in order in the transaction that added the
 * samples. [from, to) bounds the times of what was added, in ms.
 *
 * A counter's last interval of an hour ends with its next reading, so the hour before a touched one is touched too.
 */
export function rollUpSql(from: number, to: number): readonly string[] {
  const basics = "n, slots, sum, min, max, first_t, first_v, last_t, last_v";
  return [
    `INSERT INTO touched
      SELECT DISTINCT t.point, h.hour
      FROM (SELECT t.point, t.hour - 1 AS before FROM touched t JOIN points p ON p.no = t.point WHERE p.energy AND p.kind = 'counter') t
      ASOF JOIN hourly h ON h.point = t.point AND h.hour <= t.before
      WHERE NOT EXISTS (FROM touched o WHERE o.point = h.point AND o.hour = h.hour)`,
    // The hour before may lie anywhere below `from`; all others lie in the bounds.
    `CREATE OR REPLACE TEMP TABLE readings AS
      SELECT point, t // ${hourMs} AS part, t, v FROM (${readingsSql(
        `s.t < ${to} AND s.t >= least(${from}, (SELECT min(hour) FROM touched)::BIGINT * ${hourMs})
          AND EXISTS (FROM touched h WHERE h.point = s.point AND h.hour = s.t // ${hourMs})`,
      )})`,
    `CREATE OR REPLACE TEMP TABLE fresh AS
      SELECT r.point, r.part AS hour, count(*) AS n,
        CASE WHEN any_value(p.interval_ms) IS NULL THEN count(*) ELSE count(DISTINCT r.t // p.interval_ms) END AS slots,
        fsum(r.v) AS sum, min(r.v) AS min, max(r.v) AS max,
        min(r.t) AS first_t, arg_min(r.v, r.t) AS first_v, max(r.t) AS last_t, arg_max(r.v, r.t) AS last_v
      FROM readings r JOIN points p ON p.no = r.point GROUP BY r.point, r.part`,
    `MERGE INTO hourly USING fresh ON hourly.point = fresh.point AND hourly.hour = fresh.hour
      WHEN MATCHED THEN UPDATE SET ${basics
        .split(", ")
        .map((name) => `${name} = fresh.${name}`)
        .join(
          ", ",
        )}, joules = NULL, intervals = 0, gaps = 0, resets = 0, peak_w = NULL, peak_t = NULL
      WHEN NOT MATCHED THEN INSERT (point, hour, ${basics}, intervals, gaps, resets)
        VALUES (fresh.point, fresh.hour, ${basics
          .split(", ")
          .map((name) => `fresh.${name}`)
          .join(", ")}, 0, 0, 0)`,
    // A counter's hour is closed by the first reading of its next hour, wherever that is.
    `INSERT INTO readings
      SELECT n.point, n.hour, n.next_t, n.next_v
      FROM (
        SELECT h.point, h.hour, lead(h.first_t) OVER later AS next_t, lead(h.first_v) OVER later AS next_v
        FROM hourly h
        WHERE h.point IN (SELECT f.point FROM fresh f JOIN points p ON p.no = f.point WHERE p.energy AND p.kind = 'counter')
        WINDOW later AS (PARTITION BY h.point ORDER BY h.hour)
      ) n JOIN fresh f ON f.point = n.point AND f.hour = n.hour
      WHERE n.next_t IS NOT NULL`,
    `CREATE OR REPLACE TEMP TABLE intervals AS ${intervalsSql("readings")}`,
    `UPDATE hourly SET joules = e.joules, intervals = e.intervals, gaps = e.gaps, resets = e.resets, peak_w = e.peak_w, peak_t = e.peak_t
      FROM (
        SELECT point, part, sum(j) AS joules, sum(n) AS intervals, sum(gaps) AS gaps, sum(resets) AS resets,
          max(w) AS peak_w, arg_max(slot * slot_ms, (w, -slot)) FILTER (w IS NOT NULL) AS peak_t
        FROM (${demandSql("intervals", "coalesce(p.interval_ms, 1)")}) GROUP BY point, part
      ) e
      WHERE hourly.point = e.point AND hourly.hour = e.part`,
    "DELETE FROM touched",
  ];
}
