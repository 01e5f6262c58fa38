// Energy of a building: its main meters, by step, with peak demand and completeness.

import { expectedReadings } from "../measures/completeness.ts";
import { kwhOf } from "../measures/interval-energy.ts";
import { loadFactor } from "../measures/load-factor.ts";
import { demandIntervalMs, demandSql, kwOf } from "../measures/peak-demand.ts";
import type { Period } from "../period.ts";
import type { PointRecord } from "../registry.ts";
import type { Bucket, Buckets } from "../steps.ts";
import type { Row, Store } from "../store.ts";
import { quartersOf } from "./quarters.ts";
import { receivedIn, receivedOf } from "./received.ts";

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

/** The energy meters of a building by what they measure; each is in one list only. */
export interface Meters {
  /** What the building uses: Brick class Building_Electrical_Meter or, lacking any, every other meter that stands at the building itself. */
  readonly main: readonly PointRecord[];
  /** Parts of what the main meters measured. */
  readonly sub: readonly PointRecord[];
  /** What it generates. */
  readonly generation: readonly PointRecord[];
  /** What it draws from the grid. */
  readonly gridImport: readonly PointRecord[];
  /** What it gives to the grid. */
  readonly gridExport: readonly PointRecord[];
}

/** Whether a point counts what the building generates: Brick classes of photovoltaics, or Energy_Generation_Sensor. */
export function isGeneration({ brick }: Pick<PointRecord, "brick">): boolean {
  return brick === "Energy_Generation_Sensor" || /^(PV|Photovoltaic)_/.test(brick ?? "");
}

/** Sorts the energy points of a building: joules, cumulative or by declared interval. */
export function metersOf(building: string, points: readonly PointRecord[]): Meters {
  const energy = points.filter(
    ({ unit, kind, interval }) =>
      unit === "J" && (kind === "counter" || (kind === "interval" && interval !== null)),
  );
  const generation = energy.filter(isGeneration);
  const gridImport = energy.filter(({ brick }) => /^Grid_Import_/.test(brick ?? ""));
  const gridExport = energy.filter(({ brick }) => /^Grid_Export_/.test(brick ?? ""));
  const other = new Set([...generation, ...gridImport, ...gridExport]);
  const used = energy.filter((point) => !other.has(point));
  const named = used.filter(({ brick }) => brick === "Building_Electrical_Meter");
  const candidates = named.length > 0 ? named : used.filter(({ place }) => place === building);
  // What a person entered, such as a utility's file, tells again what the building's own meter tells.
  const own = candidates.filter(({ trust }) => trust !== "manual");
  const main = own.length > 0 ? own : candidates;
  const sub = used.filter((point) => !main.includes(point));
  return { main, sub, generation, gridImport, gridExport };
}

/** The main meters of a building. */
export function mainMeters(
  building: string,
  points: readonly PointRecord[],
): readonly PointRecord[] {
  return metersOf(building, points).main;
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
    for (const row of await store.query(energySql(meters, period, buckets)))
      rows.set(numberOf(row.key), row);
  }
  const received = await receivedIn(store, meters, period, buckets);
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
      received: received.get(bucket.key) ?? 0,
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

/** What one meter counted in a period. */
export interface Counted {
  /** Null where no interval was counted. */
  readonly joules: number | null;
  readonly received: number;
  readonly gaps: number;
  readonly resets: number;
}

/** One demand interval of meters together. */
export interface Demand {
  /** When it began, or the period. */
  readonly start: number;
  /** Exact. */
  readonly joules: number;
  /** Mean power. */
  readonly watts: number;
}

/** Demand intervals of `intervalMs` in a period, in order; one in which no meter was heard is absent. */
export async function demandOf(
  store: Store,
  meters: readonly PointRecord[],
  period: Period,
  intervalMs: number,
): Promise<readonly Demand[]> {
  if (meters.length === 0) return [];
  const rows = await store.query(
    `SELECT greatest(start, ${period.from}) AS start, j, w FROM (${demandSql(`(${quartersOf(meters, period)})`, intervalMs)}) ORDER BY start`,
  );
  return rows.map(({ start, j, w }) => ({
    start: numberOf(start),
    joules: numberOf(j),
    watts: numberOf(w),
  }));
}

/** What each meter counted, by its number; one that was never heard in the period is absent. */
export async function countedOf(
  store: Store,
  meters: readonly PointRecord[],
  period: Period,
): Promise<ReadonlyMap<number, Counted>> {
  if (meters.length === 0) return new Map();
  const received = await receivedOf(store, meters, period);
  const rows = await store.query(`
    SELECT point, sum(joules) AS joules, sum(gaps) AS gaps, sum(resets) AS resets
    FROM (${quartersOf(meters, period)}) GROUP BY point`);
  const counted = new Map(rows.map((row) => [numberOf(row.point), row]));
  const heard = new Set([...counted.keys(), ...received.keys()]);
  return new Map(
    [...heard]
      .map((no) => [no, counted.get(no)] as const)
      .map(([no, row]) => [
        no,
        {
          joules: typeof row?.joules === "number" ? row.joules : null,
          received: received.get(no) ?? 0,
          gaps: numberOf(row?.gaps),
          resets: numberOf(row?.resets),
        },
      ]),
  );
}

function energySql(meters: readonly PointRecord[], period: Period, buckets: Buckets): string {
  const demandMs = demandIntervalMs(meters);
  // A demand interval belongs to the bucket in which it starts.
  const start = `greatest(start, ${period.from})`;
  return `
    WITH metered AS MATERIALIZED (${quartersOf(meters, period, buckets.quarterly)}),
    energy AS (
      SELECT ${buckets.keySql("start")} AS key, sum(joules) AS joules, sum(gaps) AS gaps, sum(resets) AS resets
      FROM metered GROUP BY ALL
    ),
    peaks AS (
      SELECT ${buckets.keySql(start)} AS key, max(w) AS peak_w, min(${start}) FILTER (w = highest) AS peak_t
      FROM (SELECT *, max(w) OVER (PARTITION BY ${buckets.keySql(start)}) AS highest FROM (${demandSql("metered", demandMs)})) GROUP BY key
    )
    SELECT key, joules, gaps, resets, peak_w, peak_t FROM energy LEFT JOIN peaks USING (key)`;
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
