// Peak demand: the largest mean power over one demand interval, kW = kWh × 3600 / seconds (FERC and utility tariffs: 15 minutes).

import { quarterMs } from "../schema.ts";

/** Kilowatts of a mean power in watts, which is joules per second. */
export function kwOf(watts: number): number {
  return watts / 1000;
}

/** The demand interval of meters: a quarter of an hour, or more where one of them reports more rarely; in whole quarters. */
export function demandIntervalMs(meters: readonly { readonly interval: number | null }[]): number {
  const longest = Math.max(0, ...meters.map(({ interval }) => interval ?? 0)) * 1000;
  return Math.max(1, Math.ceil(longest / quarterMs)) * quarterMs;
}

/**
 * Demand (start, w, j) of all meters together per demand interval, from their quarter-hours (point, start, joules, ms): each
 * meter's joules over the time they were counted in, so that a gap never looks like a peak. A meter that is silent adds nothing.
 */
export function demandSql(quarters: string, intervalMs: number): string {
  return `
    SELECT slot * ${intervalMs} AS start, fsum(w) AS w, sum(j) AS j FROM (
      SELECT point, start // ${intervalMs} AS slot, sum(joules) AS j, sum(joules) * 1000 / sum(ms) AS w
      FROM ${quarters} WHERE joules IS NOT NULL GROUP BY ALL
    ) GROUP BY slot`;
}
