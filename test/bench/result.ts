// One figure of a benchmark: a value, and its ratio to a baseline measured in the same run.

/** `ratio` = value / baseline where both are rates; the name says what is better. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
  /** What the baseline is, and under which conditions both were taken. */
  readonly note: string;
}

/** A figure with its ratio computed and numbers cut to four digits. */
export function figure(
  name: string,
  value: number,
  unit: string,
  baseline: number,
  note: string,
): Figure {
  return {
    name,
    value: round(value),
    unit,
    baseline: round(baseline),
    ratio: round(value / baseline),
    note,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** The value in the middle; for an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** The value that a share of all values does not exceed. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
