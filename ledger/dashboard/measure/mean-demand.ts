// Mean demand of the steps of an energy series: what was counted over the time it was counted in.
import type { EnergyStep } from "../data/energy-shapes.ts";

export interface DemandStep extends EnergyStep {
  readonly meanKw: number | null;
}

/** Intervals by which a day of 23 or 25 hours may seem short of its share. */
const roundingMax = 0.01;

interface Span {
  readonly end: number; // ms, where the last step ends
  readonly counters: number; // meters whose reading closes the interval before it: its own is still running
}

/**
 * Kilowatts by step. The step that is not over yet is measured by the intervals that are, and a day of a clock change by its
 * own hours. A step without readings has no demand.
 */
export function withMeanDemand(
  series: readonly EnergyStep[],
  { end, counters }: Span,
): readonly DemandStep[] {
  const starts = series.map(({ start }) => Date.parse(start));
  const hours = starts.map((start, at) => ((starts[at + 1] ?? end) - start) / 3_600_000);
  const owedPerHour = Math.max(
    0,
    ...series.map(({ expected }, at) => (hours[at]! > 0 ? expected / hours[at]! : 0)),
  );
  return series.map((step, at) => {
    const { kwh, received, expected } = step;
    const over = expected >= owedPerHour * hours[at]! - roundingMax;
    const intervals = over ? expected : expected - counters;
    const known = kwh !== null && received > 0 && intervals > 0;
    return { ...step, meanKw: known ? (kwh * owedPerHour) / intervals : null };
  });
}
