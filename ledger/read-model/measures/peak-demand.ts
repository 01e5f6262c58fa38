// Peak demand: the largest mean power over one demand interval, kW = kWh × 3600 / seconds (FERC and utility tariffs: usually 15 minutes).

/** Kilowatts of a mean power in watts, which is joules per second. */
export function kwOf(watts: number): number {
  return watts / 1000;
}

/**
 * Demand (point, part, slot, slot_ms, j, w, n, gaps, resets) per demand interval of `slotMs` from intervals as intervalsSql() gives
 * them: joules over the time they were counted in, so that a gap never looks like a peak. `slot` counts intervals since 1970.
 */
export function demandSql(intervals: string, slotMs: string): string {
  return `
    SELECT i.point, i.part, i.t // ${slotMs} AS slot, any_value(${slotMs}) AS slot_ms,
      sum(i.j) FILTER (i.good) AS j, sum(i.j) FILTER (i.good) * 1000 / sum(i.ms) FILTER (i.good) AS w,
      count(*) FILTER (i.good) AS n, count(*) FILTER (i.gap) AS gaps, count(*) FILTER (NOT i.good) AS resets
    FROM ${intervals} i JOIN points p ON p.no = i.point
    GROUP BY i.point, i.part, i.t // ${slotMs}`;
}
