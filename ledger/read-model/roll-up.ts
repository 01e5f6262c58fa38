// The roll-ups: every touched hour is computed anew from its samples, so they always equal a rebuild (D10).

import { intervalsSql } from "./measures/interval-energy.ts";
import { readingsSql } from "./measures/readings.ts";
import { hourMs, quarterMs } from "./schema.ts";

/** The connection that writes, in the transaction of the samples. */
export interface RollUpWriter {
  run(sql: string): Promise<unknown>;
  /** First and last of a column of whole numbers; null when it is empty. */
  span(column: string, table: string): Promise<readonly [first: number, last: number] | null>;
}

/** Hours to compute anew, as rows (point, hour); filled by the store. */
export const TOUCHED_TABLE = "CREATE TEMP TABLE touched (point INTEGER, hour INTEGER)";

/**
 * Brings `hourly`, `quarters` and what `points` holds of the readings up to date with `touched`.
 *
 * A counter's last interval of an hour ends with its next reading, so the hour before a touched one is touched too.
 */
export async function rollUp(writer: RollUpWriter): Promise<void> {
  // The hour before is mostly the point's last; only what comes late has to look for it.
  await writer.run(`
    CREATE OR REPLACE TEMP TABLE earlier AS
      SELECT t.point, t.hour - 1 AS before, p.last_t // ${hourMs} AS last
      FROM touched t JOIN points p ON p.no = t.point WHERE p.energy AND p.kind = 'counter' AND p.last_t IS NOT NULL;
    INSERT INTO touched
      SELECT point, hour FROM (
        SELECT point, last AS hour FROM earlier WHERE before >= last
        UNION SELECT e.point, h.hour FROM earlier e ASOF JOIN hourly h ON h.point = e.point AND h.hour <= e.before WHERE e.before < e.last
      ) e WHERE NOT EXISTS (FROM touched o WHERE o.point = e.point AND o.hour = e.hour)`);
  const hours = await writer.span("hour", "touched");
  if (hours === null) return;
  const [first, last] = hours;
  const within = (column: string, ms: number): string =>
    `${column} BETWEEN ${first * (hourMs / ms)} AND ${(last + 1) * (hourMs / ms) - 1}`;
  for (const sql of [
    `CREATE OR REPLACE TEMP TABLE readings AS
      SELECT point, t // ${hourMs} AS part, t, v FROM (${readingsSql(
        `${within("s.t", 1)} AND EXISTS (FROM touched h WHERE h.point = s.point AND h.hour = s.t // ${hourMs})`,
      )})`,
    `CREATE OR REPLACE TEMP TABLE fresh AS
      SELECT r.point, r.part AS hour, count(*) AS n,
        CASE WHEN any_value(p.interval_ms) IS NULL THEN count(*) ELSE count(DISTINCT r.t // p.interval_ms) END AS slots,
        fsum(r.v) AS sum, min(r.v) AS min, max(r.v) AS max,
        min(r.t) AS first_t, arg_min(r.v, r.t) AS first_v, max(r.t) AS last_t, arg_max(r.v, r.t) AS last_v
      FROM readings r JOIN points p ON p.no = r.point GROUP BY r.point, r.part`,
    // Before `hourly` changes: what is fresh beyond it is what each point has more.
    `MERGE INTO points USING (
        SELECT f.point, sum(f.n - coalesce(h.n, 0)) AS more, max(f.last_t) AS last_t, arg_max(f.last_v, f.last_t) AS last_v
        FROM fresh f LEFT JOIN hourly h ON h.point = f.point AND h.hour = f.hour AND ${within("h.hour", hourMs)} GROUP BY f.point
      ) AS f ON points.no = f.point
      WHEN MATCHED THEN UPDATE SET received = points.received + f.more, last_t = greatest(points.last_t, f.last_t),
        last_v = CASE WHEN points.last_t > f.last_t THEN points.last_v ELSE f.last_v END`,
    mergeSql(
      "hourly",
      ["point", "hour"],
      ["n", "slots", "sum", "min", "max", "first_t", "first_v", "last_t", "last_v"],
      within("hourly.hour", hourMs),
    ),
    // A counter's hour is closed by the first reading of its next hour, wherever that is.
    `INSERT INTO readings
      SELECT f.point, f.hour, h.first_t, h.first_v
      FROM (SELECT f.point, f.hour FROM fresh f JOIN points p ON p.no = f.point WHERE p.energy AND p.kind = 'counter') f
      ASOF JOIN (FROM hourly WHERE hour > ${first}) h ON h.point = f.point AND h.hour > f.hour`,
    `CREATE OR REPLACE TEMP TABLE fresh AS ${quartersSql("readings", `t // ${hourMs} = part`, `t // ${quarterMs}`)}`,
    mergeSql(
      "quarters",
      ["point", "slot"],
      ["joules", "ms", "gaps", "resets", "received"],
      within("quarters.slot", quarterMs),
    ),
  ])
    await writer.run(sql);
}

/**
 * Rows of `quarters` (point, slot, joules, ms, gaps, resets, received) from readings (point, part, t, v) of energy points.
 * Readings that do not satisfy `inside` only close an interval. `slot` says in SQL into which slot a time `t` falls.
 */
export function quartersSql(readings: string, inside: string, slot: string): string {
  return `
    SELECT r.point, r.slot, j.joules, j.ms, coalesce(j.gaps, 0) AS gaps, coalesce(j.resets, 0) AS resets, r.received
    FROM (
      SELECT r.point, ${slot} AS slot, count(DISTINCT r.t // coalesce(p.interval_ms, 1)) AS received
      FROM ${readings} r JOIN points p ON p.no = r.point WHERE p.energy AND ${inside} GROUP BY ALL
    ) r LEFT JOIN (
      SELECT point, ${slot} AS slot, sum(j) FILTER (good) AS joules, sum(ms) FILTER (good) AS ms,
        count(*) FILTER (gap) AS gaps, count(*) FILTER (NOT good) AS resets
      FROM (${intervalsSql(readings)}) GROUP BY ALL
    ) j USING (point, slot)`;
}

/** Replaces the rows of a table by those of `fresh` with the same keys and adds new ones; `within` bounds the rows to look at. */
export function mergeSql(
  table: string,
  keys: readonly string[],
  columns: readonly string[],
  within: string,
): string {
  const all = [...keys, ...columns];
  return `MERGE INTO ${table} USING fresh ON ${keys.map((key) => `${table}.${key} = fresh.${key}`).join(" AND ")} AND ${within}
    WHEN MATCHED THEN UPDATE SET ${columns.map((column) => `${column} = fresh.${column}`).join(", ")}
    WHEN NOT MATCHED THEN INSERT (${all.join(", ")}) VALUES (${all.map((name) => `fresh.${name}`).join(", ")})`;
}
