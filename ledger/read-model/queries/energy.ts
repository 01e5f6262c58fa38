// Energy of a building: its main meters, by step, with peak demand and completeness.

import { expectedReadings } from "../measures/completeness.ts";
import { intervalsSql, kwhOf } from "../measures/interval-energy.ts";
import { loadFactor } from "../measures/load-factor.ts";
import { demandSql, kwOf } from "../measures/peak-demand.ts";
import { readingsSql } from "../measures/readings.ts";
import type { Period } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import { hourMs } from "../schema.ts";
import type { Bucket, Buckets } from "../steps.ts";
import type { Row, Store } from "../store.ts";

interface EnergyStep {
  readonly start: number;
  /** Null where no interval was counted. */
  readonly kwh: number | null;
  readonly peakKw: number | null;
  readonly received: number;
  readonly expected: number;
  /** Intervals longer than declared, counted where they start. */
  readonly gaps: number;
  /** Counter resets: what was consumed meanwhile is not counted. */
  readonly resets: number;
}

interface EnergyTotal extends Omit<EnergyStep, "start"> {
  readonly peakAt: number | null;
  readonly loadFactor: number | null;
}

export interface Energy {
  readonly series: readonly EnergyStep[];
  readonly total: EnergyTotal;
}

/**
 * The meters that make up a building's energy: those of Brick class Building_Electrical_Meter or, lacking any, every
 * energy point that stands at the building itself. Sub-meters measure the same energy again and are left out.
 */
export function mainMeters(
  building: string,
  points: readonly PointRecord[],
): readonly PointRecord[] {
  const energy = points.filter(
    ({ unit, kind, interval }) =>
      unit === "J" && (kind === "counter" || (kind === "interval" && interval !== null)),
  );
  const main = energy.filter(({ brick }) => brick === "Building_Electrical_Meter");
  return main.length > 0 ? main : energy.filter(({ place }) => place === building);
}

/** Energy of `meters` in the buckets. `now` (ms) ends what can be expected: readings of the future are not missing. */
export async function energyOf(
  store: Store,
  meters: readonly PointRecord[],
  period: Period,
  buckets: Buckets,
  now: number,
): Promise<Energy> {
  const rows = new Map<number, Row>();
  if (meters.length > 0) {
    const sql =
      meters.length === 1 && buckets.hourly
        ? hourlySql(meters[0]!, period, buckets)
        : samplesSql(meters, period, buckets);
    for (const row of await store.query(sql)) rows.set(numberOf(row.key), row);
  }
  const expected = ({ start, end }: Pick<Bucket, "start" | "end">): number =>
    meters.reduce(
      (sum, { interval }) => sum + (expectedReadings(start, Math.min(end, now), interval) ?? 0),
      0,
    );
  const series = buckets.list.map((bucket): EnergyStep => {
    const row = rows.get(bucket.key);
    const joules = row?.joules ?? null;
    return {
      start: bucket.start,
      kwh: typeof joules === "number" ? kwhOf(joules) : null,
      peakKw: typeof row?.peak_w === "number" ? kwOf(row.peak_w) : null,
      received: numberOf(row?.slots),
      expected: expected(bucket),
      gaps: numberOf(row?.gaps),
      resets: numberOf(row?.resets),
    };
  });
  return {
    series,
    total: totalOf(
      series,
      [...rows.values()],
      period,
      expected({ start: period.from, end: period.to }),
      now,
    ),
  };
}

function totalOf(
  series: readonly EnergyStep[],
  rows: readonly Row[],
  period: Period,
  expected: number,
  now: number,
): EnergyTotal {
  const counted = rows.filter(({ joules }) => typeof joules === "number");
  const sum = (name: "received" | "gaps" | "resets"): number =>
    series.reduce((total, step) => total + step[name], 0);
  // Joules are exact integers; adding kilowatt-hours would not be.
  const kwh =
    counted.length === 0
      ? null
      : kwhOf(counted.reduce((total, { joules }) => total + numberOf(joules), 0));
  let peak: Row | null = null;
  for (const row of counted) {
    const greater =
      typeof row.peak_w === "number" && (peak === null || row.peak_w > numberOf(peak.peak_w));
    const earlier =
      peak !== null && row.peak_w === peak.peak_w && numberOf(row.peak_t) < numberOf(peak.peak_t);
    if (greater || earlier) peak = row;
  }
  const peakKw = peak === null ? null : kwOf(numberOf(peak.peak_w));
  return {
    kwh,
    peakKw,
    peakAt: peak === null ? null : numberOf(peak.peak_t),
    loadFactor:
      kwh === null || peakKw === null
        ? null
        : loadFactor(kwh, peakKw, Math.min(period.to, Math.max(now, period.from)) - period.from),
    received: sum("received"),
    expected,
    gaps: sum("gaps"),
    resets: sum("resets"),
  };
}

function hourlySql(meter: PointRecord, { from, to }: Period, buckets: Buckets): string {
  return `
    SELECT ${buckets.keySql(`hour::BIGINT * ${hourMs}`)} AS key, sum(joules) AS joules, sum(slots) AS slots, sum(gaps) AS gaps, sum(resets) AS resets,
      max(peak_w) AS peak_w, min(peak_t) FILTER (peak_w = highest) AS peak_t
    FROM (
      SELECT *, max(peak_w) OVER (PARTITION BY ${buckets.keySql(`hour::BIGINT * ${hourMs}`)}) AS highest
      FROM hourly WHERE point = ${meter.no} AND hour >= ${from / hourMs} AND hour < ${to / hourMs}
    ) GROUP BY key`;
}

/** From samples: any boundary, and the peak of several meters together, on the longest of their declared intervals. */
function samplesSql(
  meters: readonly PointRecord[],
  { from, to }: Period,
  buckets: Buckets,
): string {
  const numbers = meters.map(({ no }) => no).join(", ");
  const counters = meters.filter(({ kind }) => kind === "counter").map(({ no }) => no);
  // The reading that closes a counter's last interval may come after the period.
  const closing =
    counters.length === 0
      ? ""
      : `UNION ALL SELECT point, min(t) AS t, arg_min(v, t) AS v, 0 AS part FROM
          (${readingsSql(`s.point IN (${counters.join(", ")}) AND s.t >= ${to}`)}) GROUP BY point`;
  const slotMs = Math.max(0, ...meters.map(({ interval }) => (interval ?? 0) * 1000)) || 1;
  return `
    WITH inside AS (SELECT *, 0 AS part FROM (${readingsSql(`s.point IN (${numbers}) AND s.t >= ${from} AND s.t < ${to}`)})),
    readings AS (SELECT point, t, v, part FROM inside ${closing}),
    intervals AS (SELECT *, ${buckets.keySql("t")} AS bucket FROM (${intervalsSql("readings")}) WHERE t < ${to}),
    energy AS (
      SELECT bucket, sum(j) FILTER (good) AS joules, count(*) FILTER (gap) AS gaps, count(*) FILTER (NOT good) AS resets
      FROM intervals GROUP BY bucket
    ),
    -- A demand interval belongs to the bucket in which it starts.
    demand AS (SELECT greatest(slot * ${slotMs}, ${from}) AS start, sum(w) AS w FROM (${demandSql("intervals", String(slotMs))}) GROUP BY slot),
    peaks AS (
      SELECT bucket, max(w) AS peak_w, min(start) FILTER (w = highest) AS peak_t
      FROM (SELECT *, max(w) OVER (PARTITION BY bucket) AS highest FROM (SELECT ${buckets.keySql("start")} AS bucket, start, w FROM demand))
      GROUP BY bucket
    ),
    received AS (
      SELECT bucket, sum(slots) AS slots FROM (
        SELECT ${buckets.keySql("i.t")} AS bucket, i.point, count(DISTINCT i.t // coalesce(p.interval_ms, 1)) AS slots
        FROM inside i JOIN points p ON p.no = i.point GROUP BY ALL
      ) GROUP BY bucket
    )
    SELECT bucket AS key, joules, coalesce(gaps, 0) AS gaps, coalesce(resets, 0) AS resets, peak_w, peak_t, slots
    FROM received LEFT JOIN energy USING (bucket) LEFT JOIN peaks USING (bucket)`;
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
