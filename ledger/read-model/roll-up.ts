// The roll-ups: every touched hour is computed anew from its samples, so they always equal a rebuild (D10).

import { ANSWERED, answersSql } from "./measures/completeness.ts";
import { intervalsSql } from "./measures/interval-energy.ts";
import { readingsSql } from "./measures/readings.ts";
import { hourMs, quarterMs } from "./schema.ts";

/** The connection that writes, in the transaction of the samples. */
export interface RollUpWriter {
  run(sql: string): Promise<unknown>;
  /** First and last of a column of whole numbers; null when it is empty. */
  span(column: string, table: string): Promise<readonly [first: number, last: number] | null>;
}

/** Hours of readings and quarter-hours of answers to compute anew; filled by the store. */
export const TOUCHED_TABLES = `
  CREATE TEMP TABLE touched (point INTEGER, hour INTEGER);
  CREATE TEMP TABLE answered (point INTEGER, slot INTEGER)`;

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
        `${within("s.t", 1)} AND (s.point, s.t // ${hourMs}) IN (FROM touched)`,
      )})`,
    `CREATE OR REPLACE TEMP TABLE fresh AS
      SELECT r.point, r.part AS hour, count(*) AS n,
        fsum(r.v) AS sum, min(r.v) AS min, max(r.v) AS max,
        min(r.t) AS first_t, arg_min(r.v, r.t) AS first_v, max(r.t) AS last_t, arg_max(r.v, r.t) AS last_v
      FROM readings r GROUP BY r.point, r.part`,
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
      ["n", "sum", "min", "max", "first_t", "first_v", "last_t", "last_v"],
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
      ["joules", "ms", "gaps", "resets"],
      within("quarters.slot", quarterMs),
    ),
  ])
    await writer.run(sql);
}

/**
 * Rows of `quarters` (point, slot, joules, ms, gaps, resets) from readings (point, part, t, v) of energy points, of the intervals
 * whose start `t` satisfies `inside`. `slot` says in SQL into which slot a time `t` falls.
 */
export function quartersSql(readings: string, inside: string, slot: string): string {
  return `
    SELECT point, ${slot} AS slot, sum(j) FILTER (good) AS joules, sum(ms) FILTER (good) AS ms,
      count(*) FILTER (gap) AS gaps, count(*) FILTER (NOT good) AS resets
    FROM (${intervalsSql(readings)}) WHERE ${inside} GROUP BY ALL`;
}

/** Brings `answers` up to date with `answered`, whose rows it removes. */
export async function rollUpAnswers(writer: RollUpWriter): Promise<void> {
  const slots = await writer.span("slot", "answered");
  if (slots === null) return;
  const [first, last] = slots;
  const [, longest] = (await writer.span(
    "interval_ms",
    "points WHERE no IN (SELECT point FROM answered)",
  ))!;
  const [from, to] = [first * quarterMs - longest, (last + 1) * quarterMs + longest];
  await writer.run(`
    CREATE OR REPLACE TEMP TABLE fresh AS
      SELECT point, owed // ${quarterMs} AS slot, count(*) AS n FROM (${answersSql(`
        s.t >= ${from} AND s.t < ${to} AND (s.point, ${ANSWERED} // ${quarterMs}) IN (FROM answered)`)}) GROUP BY ALL;
    ${mergeSql("answers", ["point", "slot"], ["n"], `answers.slot BETWEEN ${first} AND ${last}`)};
    DELETE FROM answered`);
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
