// How fast a point changes: the slope from the reading before, as a reading of its own, which a limit then judges. Pure.

import type { LevelReading } from "./level.ts";

/** The reading before; null before the first. */
export type Before = { readonly t: number; readonly v: number } | null;

export interface RateScale {
  /** The rate is in units per this many ms. */
  readonly perMs: number;
  /** No slope is known across a longer gap; null: no interval is declared. */
  readonly gapMsMax: number | null;
  /** A cumulative counter: a fall is a reset, not a rate. */
  readonly counter: boolean;
}

/** One reading: the reading to compare the next with, and the rate, null where none is known. */
export function rate(
  scale: RateScale,
  before: Before,
  reading: LevelReading,
): { readonly before: Before; readonly rate: LevelReading | null; readonly late: boolean } {
  const { t, v } = reading;
  if (before !== null && t < before.t) return { before, rate: null, late: true };
  const now = { t, v };
  // A correction replaces the reading; what it would have been the rate from is gone.
  if (before === null || t === before.t) return { before: now, rate: null, late: false };
  const gap = scale.gapMsMax !== null && t - before.t > scale.gapMsMax;
  const reset = scale.counter && v < before.v;
  if (gap || reset) return { before: now, rate: null, late: false };
  const slope = ((v - before.v) * scale.perMs) / (t - before.t);
  return { before: now, rate: { ...reading, v: slope }, late: false };
}
