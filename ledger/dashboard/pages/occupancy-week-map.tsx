// Persons by weekday and hour, of a building, a floor or a room.
import type { ReactNode } from "react";
import type { OccupancyWeek } from "../data/occupancy-shapes.ts";
import { useFigure } from "../data/use-building.ts";
import { formatNumber } from "../measure/number.ts";
import { Shown } from "../parts/states.tsx";
import { WeekMap } from "../parts/week-map.tsx";
import type { Range } from "../time/range.ts";

interface OccupancyWeekMapProps {
  readonly building: string;
  readonly place?: string;
  readonly range: Range;
}

/** 168 cells of mean persons; the tooltip has the peak. */
export function OccupancyWeekMap({ building, place, range }: OccupancyWeekMapProps): ReactNode {
  const week = useFigure<OccupancyWeek>(building, "occupancy/week", range, { place });
  return (
    <Shown of={week} what="the week" size="panel">
      {({ cells }) => (
        <WeekMap
          title="Persons by weekday and hour"
          unit="persons"
          digits={cells.some(({ mean }) => (mean ?? 0) >= 10) ? 0 : 1}
          file={`${(place ?? building).replaceAll("/", "-")}-week`}
          cells={cells.map(({ weekday, hour, mean, peak, received, expected }) => ({
            weekday,
            hour,
            value: mean,
            says: `mean ${formatNumber(mean, 1)}, peak ${formatNumber(peak)}; ${formatNumber(received)} of ${formatNumber(expected)} readings`,
          }))}
        />
      )}
    </Shown>
  );
}
