// One point's readings: as they came, with the entry that proves each, or summed up by step.

import { expectedReadings } from "../measures/completeness.ts";
import { readingsSql } from "../measures/readings.ts";
import { type Period, rounded } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { FLAG, hourMs } from "../schema.ts";
import type { Buckets } from "../steps.ts";
import type { Row, Store } from "../store.ts";

export interface Reading {
  readonly time: number;
  readonly value: number;
  readonly sequence: number;
  /** Number of the gateway that anchored it. */
  readonly gateway: number;
  readonly index: number;
  /** `late`: it came after a later one. `superseded`: a later entry gives the same time another value, which counts. */
  readonly flags: readonly string[];
}

/** Where a page of readings goes on: after this reading. */
export type ReadingCursor = readonly [time: number, gateway: number, index: number];

/** Samples of a point in [from, to) in order of time, at most `limit`, after the cursor. */
export async function readingsOf(
  store: Store,
  point: PointRecord,
  { from, to }: Period,
  limit: number,
  after: ReadingCursor | null,
): Promise<readonly Reading[]> {
  const later =
    after === null ? "" : `AND t >= ${after[0]} AND (t, gateway, idx) > (${after.join(", ")})`;
  const rows = await store.query(`
    WITH page AS (
      SELECT rowid AS stands, t, v, sequence, gateway, idx, flags FROM samples
      WHERE point = ${point.no} AND t >= ${from} AND t < ${to} ${later}
      ORDER BY t, gateway, idx LIMIT ${limit}
    )
    SELECT page.*, page.stands < (SELECT max(s.rowid) FROM samples s WHERE s.point = ${point.no} AND s.t = page.t) AS superseded
    FROM page ORDER BY t, gateway, idx`);
  return rows.map((row) => ({
    time: numberOf(row.t),
    value: numberOf(row.v),
    sequence: numberOf(row.sequence),
    gateway: numberOf(row.gateway),
    index: numberOf(row.idx),
    flags: [
      ...(numberOf(row.flags) & FLAG.late ? ["late"] : []),
      ...(row.superseded === true ? ["superseded"] : []),
    ],
  }));
}

export interface PointStep {
  readonly start: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly count: number;
  /** Null for a point that declares no interval. */
  readonly expected: number | null;
}

/** A point's readings by bucket; `now` (ms) ends what can be expected. */
export async function pointSteps(
  store: Store,
  point: PointRecord,
  { from, to }: Period,
  buckets: Buckets,
  now: number,
): Promise<readonly PointStep[]> {
  const sql = buckets.hourly
    ? `SELECT ${buckets.keySql(`hour::BIGINT * ${hourMs}`)} AS key, sum(n) AS n, fsum(sum) AS sum, min(min) AS min, max(max) AS max, arg_max(last_v, last_t) AS last
       FROM hourly WHERE point = ${point.no} AND hour >= ${from / hourMs} AND hour < ${to / hourMs} GROUP BY key`
    : `SELECT ${buckets.keySql("t")} AS key, count(*) AS n, fsum(v) AS sum, min(v) AS min, max(v) AS max, arg_max(v, t) AS last
       FROM (${readingsSql(`s.point = ${point.no} AND s.t >= ${from} AND s.t < ${to}`)}) GROUP BY key`;
  const rows = new Map((await store.query(sql)).map((row) => [numberOf(row.key), row]));
  return buckets.list.map(({ key, start, end }) => {
    const row = rows.get(key);
    return {
      start,
      min: row === undefined ? null : numberOf(row.min),
      mean: row === undefined ? null : rounded(numberOf(row.sum) / numberOf(row.n)),
      max: row === undefined ? null : numberOf(row.max),
      last: row === undefined ? null : numberOf(row.last),
      count: numberOf(row?.n),
      expected: expectedReadings(start, Math.min(end, now), point.interval),
    };
  });
}

export interface PointSummary {
  readonly received: number;
  readonly lastTime: number | null;
  readonly lastValue: number | null;
}

/** What came from each point so far, by the point's number; points that never spoke are absent. */
export async function pointSummaries(
  store: Store,
  points: readonly PointRecord[],
): Promise<ReadonlyMap<number, PointSummary>> {
  if (points.length === 0) return new Map();
  const rows = await store.query(`
    SELECT point, sum(n) AS n, max(last_t) AS last_t, arg_max(last_v, last_t) AS last_v
    FROM hourly WHERE point IN (${points.map(({ no }) => no).join(", ")}) GROUP BY point`);
  return new Map(
    rows.map(({ point, n, last_t, last_v }) => [
      numberOf(point),
      { received: numberOf(n), lastTime: numberOf(last_t), lastValue: numberOf(last_v) },
    ]),
  );
}

/** Readings counted from points in [from, to). */
export async function readingCount(
  store: Store,
  points: readonly PointRecord[],
  { from, to }: Period,
): Promise<number> {
  if (points.length === 0) return 0;
  const numbers = points.map(({ no }) => no).join(", ");
  const whole = from % hourMs === 0 && to % hourMs === 0;
  const [row] = await store.query(
    whole
      ? `SELECT sum(n) AS n FROM hourly WHERE point IN (${numbers}) AND hour >= ${from / hourMs} AND hour < ${to / hourMs}`
      : `SELECT count(*) AS n FROM (${readingsSql(`s.point IN (${numbers}) AND s.t >= ${from} AND s.t < ${to}`)})`,
  );
  return numberOf(row?.n);
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
