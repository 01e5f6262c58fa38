// Occupancy: persons present, summed over places at each time step (USE IT Act, Pub. L. 118-272 div. B sec. 2302; GSA method "people counters").

import type { PointRecord } from "../registry.ts";

/** How the figure is estimated; shown with it. */
export const occupancyMethod =
  "people counters: at each step the last reading of each place, the greatest where a place has several counters, summed over places";

/** Whether a point counts the persons at its place: unit `count` and Brick class Occupancy_Count_Sensor. */
export function countsPersons({ unit, brick }: Pick<PointRecord, "unit" | "brick">): boolean {
  return unit === "count" && brick === "Occupancy_Count_Sensor";
}

/**
 * Steps (scope, start, persons, received) from samples `s` that satisfy `where`, by the counters `c` of each scope.
 * `persons` counts only places that were heard in the step; `received`, the declared intervals of the counters for which a
 * reading came. `narrowed` may join more to `s` and `c`.
 */
export function stepsSql(where: string, narrowed: string): string {
  return `
    SELECT scope, start, sum(persons) AS persons, sum(received) AS received FROM (
      SELECT scope, start, place, max(v) AS persons, sum(received) AS received FROM (
        SELECT c.scope, c.place, s.point, s.t // c.step_ms * c.step_ms AS start,
          arg_max(s.v, (s.t, s.rowid)) AS v, count(DISTINCT s.t // coalesce(p.interval_ms, c.step_ms)) AS received
        FROM samples s JOIN counters c ON c.point = s.point JOIN points p ON p.no = s.point ${narrowed}
        WHERE ${where} GROUP BY ALL
      ) GROUP BY ALL
    ) GROUP BY ALL`;
}
