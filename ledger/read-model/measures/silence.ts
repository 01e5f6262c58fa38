// Silence: a device is silent when nothing came from it for three times as long as its fastest point promised, and for a quarter-hour.

import type { PointRecord } from "../registry.ts";

const intervalsMissedMax = 3;
const silentMsMin = 900_000;

/** Milliseconds without a statement after which a device is silent; null for one that promises no interval. */
export function silentAfterMs(points: readonly Pick<PointRecord, "interval">[]): number | null {
  const intervals = points.flatMap(({ interval }) => interval ?? []);
  if (intervals.length === 0) return null;
  return Math.max(silentMsMin, intervalsMissedMax * Math.min(...intervals) * 1000);
}

/** Whether a device is silent at `now`, the ledger's time in ms. One that never spoke is, if it promised to. */
export function isSilent(
  points: readonly Pick<PointRecord, "interval">[],
  lastStatementAt: number | null,
  now: number,
): boolean {
  const after = silentAfterMs(points);
  return after !== null && (lastStatementAt === null || now - lastStatementAt > after);
}
