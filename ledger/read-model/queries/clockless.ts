// How many readings of a figure come from devices without a clock: their times are counted from when they were anchored (FORMAT 1.3).

import type { Period } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import type { Store } from "../store.ts";

/** Readings from points in [from, to) whose device had no clock. Mostly there are none, and then this costs nothing. */
export async function clocklessCount(
  store: Store,
  points: readonly PointRecord[],
  { from, to }: Period,
): Promise<number> {
  if (points.length === 0) return 0;
  const [row] = await store.query(`
    SELECT count(DISTINCT (point, t)) AS n FROM clockless
    WHERE t >= ${from} AND t < ${to} AND point IN (${points.map(({ no }) => no).join(", ")})`);
  return Number(row?.n ?? 0);
}
