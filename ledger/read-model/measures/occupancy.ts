// Occupancy: persons present, summed over places at each time step (USE IT Act, Pub. L. 118-272 div. B sec. 2302; GSA method "people counters").

import type { PointRecord } from "../registry.ts";
import { owedTimeSql } from "./completeness.ts";

/** How the figure is estimated; shown with it. */
export const occupancyMethod =
  "people counters: at each step the last of the readings nearest to it from each place, the greatest where a place has several counters, summed over places";

/** Whether a point counts the persons at its place: unit `count` and Brick class Occupancy_Count_Sensor. */
export function countsPersons({ unit, brick }: Pick<PointRecord, "unit" | "brick">): boolean {
  return unit === "count" && brick === "Occupancy_Count_Sensor";
}

/** The start of the step for which sample `s` tells in the scope of counter `c`: the nearest. */
export const STEP_START = owedTimeSql("s.t", "c.step_ms");

/**
 * Steps (scope, start, persons) from samples `s` that satisfy `where`, by the counters `c` of each scope. `persons` counts only places
 * that were heard in the step. `narrowed` may join more to `s` and `c`.
 */
export function stepsSql(where: string, narrowed: string): string {
  return `
    SELECT scope, start, sum(persons) AS persons FROM (
      SELECT scope, start, place, max(v) AS persons FROM (
        SELECT c.scope, c.place, s.point, ${STEP_START} AS start, arg_max(s.v, (s.t, s.rowid)) AS v
        FROM samples s JOIN counters c ON c.point = s.point ${narrowed} WHERE ${where} GROUP BY ALL
      ) GROUP BY ALL
    ) GROUP BY ALL`;
}
