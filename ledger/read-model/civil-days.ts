// The local days of a period: their dates, and which of them it holds whole.

import { dateOf } from "./civil-time.ts";
import type { Period } from "./period.ts";
import { type Bucket, bucketsOf } from "./steps.ts";

/** A local day, or the part of it in the period. */
export interface CivilDay extends Bucket {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Whether the period holds all of it. */
  readonly whole: boolean;
}

const dayMs = 86_400_000;

/** The local days that a period touches, in order. */
export function civilDays({ from, to }: Period, zone: string): readonly CivilDay[] {
  return bucketsOf(from - 2 * dayMs, to + 2 * dayMs, "P1D", zone)
    .list.filter(({ start, end }) => start < to && end > from)
    .map(({ key, start, end }) => ({
      key,
      start: Math.max(start, from),
      end: Math.min(end, to),
      ...dateOf(key * dayMs),
      whole: start >= from && end <= to,
    }));
}
