// Mean demand of the steps of an energy series: what was counted over the time it was counted in.
import type { EnergyStep } from "../data/energy-shapes.ts";

export interface DemandStep extends EnergyStep {
  readonly meanKw: number | null;
}

/**
 * Kilowatts by step. The step that is not over yet is measured by the intervals owed so far, and a day of a clock change
 * by its own hours; `end` (ms) is where the last step ends. A step without readings has no demand.
 */
export function withMeanDemand(
  series: readonly EnergyStep[],
  end: number,
): readonly DemandStep[] {
  const starts = series.map(({ start }) => Date.parse(start));
  const hours = starts.map((start, at) => ((starts[at + 1] ?? end) - start) / 3_600_000);
  const owedPerHour = Math.max(
    0,
    ...series.map(({ expected }, at) => (hours[at]! > 0 ? expected / hours[at]! : 0)),
  );
  return series.map((step) => {
    const { kwh, received, expected } = step;
    const known = kwh !== null && received > 0 && expected > 0;
    return { ...step, meanKw: known ? (kwh * owedPerHour) / expected : null };
  });
}
