// How many of the readings that points owe came: the numerator of every completeness.

import { ANSWERED, answersSql } from "../measures/completeness.ts";
import type { Period } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { quarterMs } from "../schema.ts";
import type { Buckets } from "../steps.ts";
import type { Store } from "../store.ts";
import { isQuarterly } from "./quarters.ts";

/** Owed readings of points that came in a period, by an SQL expression over their time `at`; keys without any are absent. */
export async function receivedBy(
  store: Store,
  points: readonly PointRecord[],
  period: Period,
  keyOf: (at: string) => string,
  rolledUp = isQuarterly(period),
): Promise<ReadonlyMap<number, number>> {
  if (points.length === 0) return new Map();
  const numbers = points.map(({ no }) => no).join(", ");
  const { from, to } = period;
  const longest = Math.max(...points.map(({ interval }) => (interval ?? 0) * 1000));
  const rows = await store.query(
    rolledUp
      ? `SELECT ${keyOf(`(slot::BIGINT * ${quarterMs})`)} AS key, sum(n) AS n FROM answers
         WHERE point IN (${numbers}) AND slot >= ${from / quarterMs} AND slot < ${to / quarterMs} GROUP BY key`
      : `SELECT ${keyOf("owed")} AS key, count(*) AS n FROM (${answersSql(`
           s.point IN (${numbers}) AND s.t >= ${from - longest} AND s.t < ${to + longest} AND ${ANSWERED} >= ${from} AND ${ANSWERED} < ${to}`)})
         GROUP BY key`,
  );
  return new Map(rows.map(({ key, n }) => [Number(key), Number(n)]));
}

/** Owed readings that came, by bucket key. */
export function receivedIn(
  store: Store,
  points: readonly PointRecord[],
  period: Period,
  buckets: Buckets,
): Promise<ReadonlyMap<number, number>> {
  return receivedBy(store, points, period, (at) => buckets.keySql(at), buckets.quarterly);
}

/** Owed readings that came, by the point's number. */
export function receivedOf(
  store: Store,
  points: readonly PointRecord[],
  period: Period,
): Promise<ReadonlyMap<number, number>> {
  return receivedBy(store, points, period, () => "point");
}
