// Energy per interval (42 USC 8253(e): metered data; NAESB REQ.21 ESPI 4.0, accumulation behaviour delta and cumulative).

/** Joules in a kilowatt-hour (SI). */
const joulesPerKwh = 3_600_000;

/** Kilowatt-hours of an exact number of joules. */
export function kwhOf(joules: number): number {
  return joules / joulesPerKwh;
}

/** A counter's interval this many times longer than declared is a gap: readings are missing inside it. */
const gapRatio = 1.5;

/**
 * Intervals (point, part, t, ms, j, good, gap) from readings (point, part, t, v) of energy points, `t` being the start
 * and `j` exact joules (integers, which DOUBLE adds exactly below 2^53).
 *
 * An interval point says itself how much fell into the interval that starts at t. A counter says it by the difference to
 * its next reading in the same part; the total across a gap is counted where the gap starts, and flagged. A
 * counter that went down was reset or replaced: what it consumed in between is unknown and is not counted (`good` false).
 * The last reading of a counter opens no interval.
 */
export function intervalsSql(readings: string): string {
  return `
    SELECT point, part, t, ms, j, good, gap FROM (
      SELECT r.point, r.part, r.t, p.interval_ms AS ms, r.v AS j, true AS good, false AS gap
      FROM ${readings} r JOIN points p ON p.no = r.point WHERE p.energy AND p.kind = 'interval'
      UNION ALL
      SELECT point, part, t, next_t - t AS ms, next_v - v AS j, next_v >= v AS good,
        next_v >= v AND next_t - t > ${gapRatio} * interval_ms AS gap
      FROM (
        SELECT r.point, r.part, r.t, r.v, p.interval_ms,
          lead(r.t) OVER successive AS next_t, lead(r.v) OVER successive AS next_v
        FROM ${readings} r JOIN points p ON p.no = r.point WHERE p.energy AND p.kind = 'counter'
        WINDOW successive AS (PARTITION BY r.point, r.part ORDER BY r.t)
      ) WHERE next_t IS NOT NULL
    )`;
}
