// The grid of a heat map: what a week looks like by weekday and hour of the building's own clock.

/** Weekdays of the API (0 = Sunday) in the order of the page: the working week first. */
export const weekdays = [
  { weekday: 1, name: "Monday" },
  { weekday: 2, name: "Tuesday" },
  { weekday: 3, name: "Wednesday" },
  { weekday: 4, name: "Thursday" },
  { weekday: 5, name: "Friday" },
  { weekday: 6, name: "Saturday" },
  { weekday: 0, name: "Sunday" },
] as const;

export const hours: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour);

interface WeekCell {
  readonly weekday: number;
  readonly hour: number;
}

/** Finds the cell of a weekday and an hour. */
export function cellFinder<Cell extends WeekCell>(
  cells: readonly Cell[],
): (weekday: number, hour: number) => Cell | null {
  const known = new Map(cells.map((cell) => [cell.weekday * 24 + cell.hour, cell]));
  return (weekday, hour) => known.get(weekday * 24 + hour) ?? null;
}

const heatLevels = 7;

/** Which of the heat map's colours a value gets: 0 for nothing, then even steps to the greatest. */
export function heatLevel(value: number, greatest: number): number {
  if (value <= 0 || greatest <= 0) return 0;
  return Math.min(heatLevels - 1, Math.max(1, Math.ceil((value / greatest) * (heatLevels - 1))));
}
