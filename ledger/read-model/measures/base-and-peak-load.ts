// Base and peak load: the 2.5th and 97.5th percentile of the demand intervals, which single outliers do not move (LBNL-3713E, Price 2010).

import { quantile } from "./percentile.ts";

const baseShare = 0.025;
const peakShare = 0.975;

export interface BaseAndPeak {
  readonly base: number | null;
  readonly peak: number | null;
  /** base / peak; null without a peak above zero. */
  readonly ratio: number | null;
}

/** Base and peak load from ascending loads, in their unit. */
export function baseAndPeakLoad(ascending: readonly number[]): BaseAndPeak {
  const base = quantile(ascending, baseShare);
  const peak = quantile(ascending, peakShare);
  return { base, peak, ratio: base !== null && peak !== null && peak > 0 ? base / peak : null };
}
