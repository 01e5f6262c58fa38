// How many of a point's declared intervals had a reading, as the ledger stood at one of its entries.

import { owedTimeSql } from "../read-model/measures/completeness.ts";
import type { PointRecord } from "../read-model/registry.ts";
import type { Store } from "../read-model/store.ts";
import { groupBy } from "./grouping.ts";

const pointsMax = 1_000;

/** Intervals with a reading in [from, to) (ms) that the ledger held before its entry `before`, by the point's number. */
export async function receivedOf(
  store: Store,
  points: readonly PointRecord[],
  from: number,
  to: number,
  before: number,
): Promise<ReadonlyMap<number, number>> {
  const received = new Map<number, number>();
  const later = await laterThan(store, before);
  for (const [interval, alike] of groupBy(points, (point) => point.interval ?? 0)) {
    if (interval <= 0) continue;
    for (let at = 0; at < alike.length; at += pointsMax) {
      const numbers = alike.slice(at, at + pointsMax).map(({ no }) => no);
      const ms = Math.round(interval * 1000);
      const owed = owedTimeSql("t", String(ms));
      const rows = await store.query(`
        SELECT point, count(DISTINCT ${owed}) AS n FROM samples
        WHERE t >= ${from - ms} AND t < ${to + ms} AND ${owed} >= ${from} AND ${owed} < ${to} AND point IN (${numbers.join(", ")}) ${later} GROUP BY point`);
      for (const { point, n } of rows) received.set(Number(point), Number(n));
    }
  }
  return received;
}

/** A condition that leaves out what was anchored at ledger entry `before` or later: of each gateway's log the end. */
async function laterThan(store: Store, before: number): Promise<string> {
  const ends = await store.query(
    `SELECT gateway, min(idx) AS first FROM entries WHERE ledger >= ${before} GROUP BY gateway`,
  );
  const conditions = ends.map(({ gateway, first }) => `(gateway = ${gateway} AND idx >= ${first})`);
  return conditions.length === 0 ? "" : `AND NOT (${conditions.join(" OR ")})`;
}
