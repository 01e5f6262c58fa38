// Occupancy by weekday and hour of the building's own clock: the grid of the heat map.
import type { OccupancyStep } from "../data/shapes.ts";
import { wallClock } from "../time/zone.ts";

export interface WeekCell {
  readonly mean: number | null; // persons, over the hours observed
  readonly peak: number | null;
  readonly hours: number; // how many hours fed it
}

/** Seven rows (Monday first) of 24 hours, from an hourly series. */
export function weekGrid(series: readonly OccupancyStep[], zone: string): WeekCell[][] {
  const cells = Array.from({ length: 7 }, () =>
    Array.from({ length: 24 }, () => ({ sum: 0, peak: null as number | null, hours: 0 })),
  );
  for (const { start, mean, peak } of series) {
    if (mean === null) continue;
    const { weekday, hour } = wallClock(Date.parse(start), zone);
    const cell = cells[weekday]![hour]!;
    cell.sum += mean;
    cell.hours += 1;
    cell.peak = Math.max(cell.peak ?? 0, peak ?? mean);
  }
  return cells.map((row) =>
    row.map(({ sum, peak, hours }) => ({ mean: hours > 0 ? sum / hours : null, peak, hours })),
  );
}

const heatLevels = 7;

/** Which of the heat map's colours a value gets: 0 for nobody, then even steps to the greatest. */
export function heatLevel(value: number, greatest: number): number {
  if (value <= 0 || greatest <= 0) return 0;
  return Math.min(heatLevels - 1, Math.max(1, Math.ceil((value / greatest) * (heatLevels - 1))));
}
