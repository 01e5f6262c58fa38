// One point's readings: as they came, with the entry that proves each, or summed up by step.

import { expectedReadings } from "../measures/completeness.ts";
import { readingsSql } from "../measures/readings.ts";
import { type Period, rounded } from "../period.ts";
import { type PointRecord, TRUST_LEVELS, type TrustLevel } from "../registry.ts";
import { FLAG, hourMs } from "../schema.ts";
import type { Buckets } from "../steps.ts";
import type { Row, Store } from "../store.ts";
import { receivedIn } from "./received.ts";

export interface Reading {
  readonly time: number;
  readonly value: number;
  readonly sequence: number;
  /** Number of the gateway that anchored it. */
  readonly gateway: number;
  readonly index: number;
  /** `late`: it came after a later one. `clockless`: its device had no clock, the time is counted from when it was anchored.
   * `superseded`: a later entry gives the same time another value, which counts. */
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
      ...(numberOf(row.flags) & FLAG.clockless ? ["clockless"] : []),
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
  /** What the readings add up to: of points that say how much fell into each interval. */
  readonly sum: number | null;
  /** Readings of distinct times. */
  readonly count: number;
  /** Declared intervals for which at least one came: what completeness counts. */
  readonly received: number;
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
  const received = await receivedIn(store, [point], { from, to }, buckets);
  return buckets.list.map(({ key, start, end }) => {
    const row = rows.get(key);
    return {
      start,
      min: row === undefined ? null : numberOf(row.min),
      mean: row === undefined ? null : rounded(numberOf(row.sum) / numberOf(row.n)),
      max: row === undefined ? null : numberOf(row.max),
      last: row === undefined ? null : numberOf(row.last),
      sum: row === undefined ? null : rounded(numberOf(row.sum)),
      count: numberOf(row?.n),
      received: point.interval === null ? numberOf(row?.n) : (received.get(key) ?? 0),
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
  const rows = await store.query(
    `SELECT no, received, last_t, last_v FROM points WHERE received > 0 AND no IN (${points.map(({ no }) => no).join(", ")})`,
  );
  return new Map(
    rows.map(({ no, received, last_t, last_v }) => [
      numberOf(no),
      { received: numberOf(received), lastTime: numberOf(last_t), lastValue: numberOf(last_v) },
    ]),
  );
}

/** Readings by who vouches for them (F10); every level is named. */
export type ReadingsByTrust = Readonly<Record<TrustLevel, number>>;

/** Readings counted from points in [from, to), by who vouches for them. */
export async function readingsByTrust(
  store: Store,
  points: readonly PointRecord[],
  { from, to }: Period,
): Promise<ReadingsByTrust> {
  if (points.length === 0) return byTrust([]);
  const numbers = points.map(({ no }) => no).join(", ");
  // Whole hours from the roll-up, what is left at both ends from samples.
  const [first, last] = [Math.ceil(from / hourMs), Math.floor(to / hourMs)];
  const ends =
    first < last
      ? [
          [from, first * hourMs],
          [last * hourMs, to],
        ]
      : [[from, to]];
  const rows = await store.query(`
    SELECT point, sum(n) AS n FROM (
      SELECT point, n FROM hourly WHERE point IN (${numbers}) AND hour >= ${first} AND hour < ${last}
      ${ends
        .filter(([start, end]) => start! < end!)
        .map(
          ([start, end]) =>
            `UNION ALL SELECT point, count(DISTINCT t) FROM samples WHERE point IN (${numbers}) AND t >= ${start} AND t < ${end} GROUP BY point`,
        )
        .join(" ")}
    ) GROUP BY point`);
  const counts = new Map(rows.map(({ point, n }) => [numberOf(point), numberOf(n)]));
  return byTrust(points.map(({ no, trust }) => [trust, counts.get(no) ?? 0]));
}

/** Sums counts by trust level. */
export function byTrust(counts: Iterable<readonly [TrustLevel, number]>): ReadingsByTrust {
  const sums = Object.fromEntries(TRUST_LEVELS.map((level) => [level, 0])) as Record<
    TrustLevel,
    number
  >;
  for (const [level, n] of counts) sums[level] += n;
  return sums;
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
