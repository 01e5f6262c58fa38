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

/**
 * The time for which a reading at `t` answers: the multiple of its point's interval (ms) that is nearest, so that a device which
 * reads a second early or late misses nothing.
 */
export function owedTime(t: number, intervalMs: number): number {
  return Math.floor((t + Math.floor(intervalMs / 2)) / intervalMs) * intervalMs;
}

/** owedTime() in SQL. */
export function owedTimeSql(t: string, intervalMs: string): string {
  return `((${t} + ${intervalMs} // 2) // ${intervalMs} * ${intervalMs})`;
}

/** Owed times (point, owed) that samples answer and that satisfy `where`, a condition on samples `s`, points `p` and the expression ANSWERED. */
export function answersSql(where: string): string {
  return `
    SELECT DISTINCT s.point, ${ANSWERED} AS owed FROM samples s JOIN points p ON p.no = s.point
    WHERE p.interval_ms IS NOT NULL AND ${where}`;
}

/** The owed time that sample `s` of point `p` answers. */
export const ANSWERED = owedTimeSql("s.t", "p.interval_ms");
