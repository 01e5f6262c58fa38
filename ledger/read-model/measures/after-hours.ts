// After-hours share: energy of the demand intervals that began outside opening hours, over all (FEMP, Metering Best Practices).

/** Energy by whether the building was open when its interval began; in one unit. */
export interface OpenEnergy {
  readonly energy: number;
  readonly open: boolean;
}

/** Energy outside opening hours, and its share of all; the share is null where nothing was used. */
export function afterHours(intervals: Iterable<OpenEnergy>): {
  readonly energy: number;
  readonly share: number | null;
} {
  let total = 0;
  let after = 0;
  for (const { energy, open } of intervals) {
    total += energy;
    if (!open) after += energy;
  }
  return { energy: after, share: total > 0 ? after / total : null };
}
