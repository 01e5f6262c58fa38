// Occupancy: persons present, summed over places at each time step (USE IT Act, Pub. L. 118-272 sec. 2302; GSA method "people counters").

import type { PointRecord } from "../registry.ts";

/** How the figure is estimated; shown with it. */
export const occupancyMethod =
  "people counters: at each step the last reading of each place, the greatest where a place has several counters, summed over places";

/** The step when no counter declares an interval. */
const stepSecondsDefault = 900;

export interface OccupancyPlan {
  /** Counters with the number of their place. */
  readonly counters: readonly { readonly point: PointRecord; readonly place: number }[];
  readonly stepMs: number;
}

/**
 * Which counters enter a building's occupancy: those of unit `count` and Brick class Occupancy_Count_Sensor. A place inside another
 * counted place is left out, for its people are counted there already. The step is the longest declared interval.
 */
export function occupancyPlan(points: readonly PointRecord[]): OccupancyPlan {
  const counters = points.filter(
    ({ unit, brick }) => unit === "count" && brick === "Occupancy_Count_Sensor",
  );
  const places = new Set(counters.map(({ place }) => place));
  const outermost = [...places].filter(
    (place) => ![...places].some((other) => place.startsWith(`${other}/`)),
  );
  const seconds =
    Math.max(0, ...counters.map(({ interval }) => interval ?? 0)) || stepSecondsDefault;
  return {
    counters: counters
      .filter(({ place }) => outermost.includes(place))
      .map((point) => ({ point, place: outermost.indexOf(point.place) })),
    stepMs: seconds * 1000,
  };
}

/**
 * Persons (slot, persons, received) at each step, from samples in [from, to). `received` counts the declared intervals
 * of the counters for which a reading came.
 */
export function personsSql(plan: OccupancyPlan, from: number, to: number): string {
  const members = plan.counters.map(({ point, place }) => `(${point.no}, ${place})`).join(", ");
  return `
    SELECT slot, sum(persons) AS persons, sum(received) AS received FROM (
      SELECT slot, place, max(v) AS persons, sum(received) AS received FROM (
        SELECT s.point, s.t // ${plan.stepMs} AS slot, arg_max(s.v, s.t) AS v,
          count(DISTINCT s.t // coalesce(p.interval_ms, ${plan.stepMs})) AS received
        FROM (${`SELECT s.point, s.t, arg_max(s.v, s.rowid) AS v FROM samples s
          WHERE s.point IN (${plan.counters.map(({ point }) => point.no).join(", ")}) AND s.t >= ${from} AND s.t < ${to} GROUP BY s.point, s.t`}) s
        JOIN points p ON p.no = s.point GROUP BY s.point, s.t // ${plan.stepMs}
      ) readings JOIN (VALUES ${members}) AS member (point, place) USING (point)
      GROUP BY slot, place
    ) GROUP BY slot`;
}
