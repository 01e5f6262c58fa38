// How many of a point's declared intervals had a reading, as the ledger stood at one of its entries.

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
  for (const [interval, alike] of groupBy(points, (point) => point.interval ?? 0)) {
    if (interval <= 0) continue;
    for (let at = 0; at < alike.length; at += pointsMax) {
      const numbers = alike.slice(at, at + pointsMax).map(({ no }) => no);
      const rows = await store.query(`
        SELECT s.point, count(DISTINCT s.t // ${Math.round(interval * 1000)}) AS n
        FROM samples s JOIN entries e ON e.gateway = s.gateway AND e.idx = s.idx
        WHERE s.t >= ${from} AND s.t < ${to} AND s.point IN (${numbers.join(", ")}) AND e.ledger < ${before}
        GROUP BY s.point`);
      for (const { point, n } of rows) received.set(Number(point), Number(n));
    }
  }
  return received;
}
