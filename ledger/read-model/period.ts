// The period and steps that a question names, within the limits of one answer.

import { QueryError } from "./errors.ts";
import { type Buckets, bucketCount, bucketsOf, type Step } from "./steps.ts";

/** Steps in one answer: a year of quarter-hours and a day. */
const bucketsMax = 36_000;
/** The longest period one question may cover. */
const periodDaysMax = 3_660;
const dayMs = 86_400_000;

/** [from, to) in ms since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Refuses an empty or endless period: `query.period`, `query.range`. */
export function checkPeriod({ from, to }: Period): void {
  if (!(from < to)) throw new QueryError("query.period", `${iso(from)} to ${iso(to)}`);
  if (to - from > periodDaysMax * dayMs)
    throw new QueryError("query.range", `more than ${periodDaysMax} days`);
}

/** The buckets of a period: `query.period`, `query.range`. */
export function stepsOf(period: Period, step: Step, zone: string): Buckets {
  checkPeriod(period);
  const count = bucketCount(period.from, period.to, step);
  if (count > bucketsMax)
    throw new QueryError(
      "query.range",
      `${Math.ceil(count)} steps of ${step}, at most ${bucketsMax}`,
    );
  return bucketsOf(period.from, period.to, step, zone);
}

/** RFC 3339 in UTC. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Twelve significant digits: what a sum of floating-point gauges can promise whatever order it was added in. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
