// Whether a building is used: utilization against 60 %, persons by day, by hour, and by weekday and hour.
import type { ReactNode } from "react";
import type { Occupancy, OccupancyDays } from "../data/occupancy-shapes.ts";
import { useFigure } from "../data/use-building.ts";
import { formatNumber } from "../measure/number.ts";
import { Figure, Figures } from "../parts/figures.tsx";
import { Methods } from "../parts/methods.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { Vouched } from "../parts/vouched.tsx";
import { stepFor } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";
import type { BuildingViewProps } from "./building-view.ts";
import { OccupancyCourse } from "./occupancy-course.tsx";
import { OccupancyDaily } from "./occupancy-daily.tsx";
import { OccupancyWeekMap } from "./occupancy-week-map.tsx";

const hourSeconds = 3_600;

/** The view "Occupancy". */
export function BuildingOccupancy({ building, range }: BuildingViewProps): ReactNode {
  const step = stepFor(range, hourSeconds);
  const occupancy = useFigure<Occupancy>(building.id, "occupancy", range, { step });
  const days = useFigure<OccupancyDays>(building.id, "occupancy/days", range);
  return (
    <>
      <section className="part" aria-labelledby="days-title">
        <h2 id="days-title">Is it used?</h2>
        <Shown of={days} what="the persons by day" size="panel">
          {(value) => <OccupancyDaily days={value} />}
        </Shown>
      </section>
      <section className="part" aria-labelledby="occupancy-title">
        <h2 id="occupancy-title">When is it used?</h2>
        <Shown of={occupancy} what="the occupancy" size="panel">
          {(value) =>
            value.total.expected === 0 && value.total.received === 0 ? (
              <Empty>
                <p>No occupancy counter reported in this range.</p>
              </Empty>
            ) : (
              <>
                <OccupancyFigures occupancy={value} />
                <OccupancyCourse occupancy={value} step={step} file={`${building.id}-occupancy`} />
              </>
            )
          }
        </Shown>
        <OccupancyWeekMap building={building.id} range={range} />
        <Methods
          what="the occupancy figures"
          of={["utilization", "persons", "occupancy", "week", "completeness"]}
          {...(days.value ? { said: days.value.method } : {})}
        />
      </section>
    </>
  );
}

/** Peak and mean of a building, floor or room. */
export function OccupancyFigures({ occupancy }: { readonly occupancy: Occupancy }): ReactNode {
  const { total, zone } = occupancy;
  return (
    <Figures>
      <Figure
        name="Peak"
        value={formatNumber(total.peak)}
        unit="persons"
        note={total.peakAt === null ? "no peak yet" : formatTime(total.peakAt, zone)}
      />
      <Figure
        name="Mean"
        value={formatNumber(total.mean, 1)}
        unit="persons"
        note="over all hours of the range"
      />
      <Vouched share={total} by={occupancy} />
    </Figures>
  );
}
