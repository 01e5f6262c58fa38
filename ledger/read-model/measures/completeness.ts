// Completeness: readings received over readings expected (FEMP, Metering Best Practices; gaps are never filled).

/**
 * Readings that a point with a declared interval owes for [from, to): one for each multiple of the interval since 1970 in
 * there. It adds up over adjacent periods, and a local day with a clock change owes 92 or 100 quarter-hours
 * because it is 23 or 25 hours long. Null without a declared interval.
 */
export function expectedReadings(
  from: number,
  to: number,
  intervalSeconds: number | null,
): number | null {
  if (intervalSeconds === null || intervalSeconds <= 0) return null;
  const ms = intervalSeconds * 1000;
  return Math.max(0, Math.ceil(to / ms) - Math.ceil(from / ms));
}
