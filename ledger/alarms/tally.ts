// Counts in windows of ledger time, as readings that a limit then judges. Pure.

import type { LevelReading } from "./level.ts";

/** The window that ledger time is in: it starts at `from` (a multiple of its length since 1970) and holds `n` so far. */
export interface Window {
  readonly from: number;
  readonly n: number;
}

/**
 * Ledger time moves on to `at`, where `more` are counted. Readings: the count of a window that ended, at its end; zero for
 * the empty ones after it, once; and the count so far as soon as it is over `limit`.
 */
export function tally(
  { windowMs, limit }: { readonly windowMs: number; readonly limit: number },
  window: Window | null,
  at: number,
  more: number,
): { readonly window: Window; readonly readings: readonly LevelReading[] } {
  const readings: LevelReading[] = [];
  const from = Math.floor(at / windowMs) * windowMs;
  let n = 0;
  if (window !== null && window.from >= from) n = window.n;
  else if (window !== null) {
    const end = window.from + windowMs;
    readings.push({ t: end, v: window.n, applies: true });
    if (end < from) readings.push({ t: end + windowMs, v: 0, applies: true });
  }
  n += more;
  if (more > 0 && n > limit) readings.push({ t: at, v: n, applies: true });
  return { window: { from: Math.max(from, window?.from ?? from), n }, readings };
}
