// Persons by place, rolled up: which points count the persons of a scope, and the quarter-hours of each scope (decision 11).

import { STEP_START, stepsSql } from "./measures/occupancy.ts";
import { mergeSql, type RollUpWriter } from "./roll-up.ts";
import { hourMs, quarterMs } from "./schema.ts";

/** The step of a scope none of whose counters declares an interval. */
const stepMsDefault = 900_000;

/** Quarter-hours of scopes to compute anew, and buildings whose points changed. */
export const PRESENCE_TABLES = `
  CREATE TEMP TABLE due (scope VARCHAR, slot INTEGER);
  CREATE TEMP TABLE changed (building VARCHAR)`;

/**
 * Brings `counters` up to date with the points of the buildings in `changed`. Scopes whose presence that changes are due.
 *
 * A scope is every path that leads to a counter: the building, a floor, a room. A counter inside another counted place of the
 * scope is left out, for its people are counted there already. The step is the longest declared interval of the scope's counters.
 */
export async function assignCounters(writer: RollUpWriter): Promise<void> {
  for (const sql of [
    `CREATE OR REPLACE TEMP TABLE fresh AS
      WITH counted AS (SELECT no, building, place, interval_ms FROM points WHERE counter AND building IN (SELECT building FROM changed)),
      scopes AS (
        SELECT DISTINCT building, array_to_string(parts[1:depth], '/') AS scope
        FROM (SELECT building, string_split(place, '/') AS parts FROM counted), unnest(range(1, len(parts) + 1)) AS depths (depth)
      ),
      inside AS (
        SELECT s.building, s.scope, c.no, c.place, c.interval_ms
        FROM scopes s JOIN counted c ON c.building = s.building AND (c.place = s.scope OR starts_with(c.place, s.scope || '/'))
      ),
      outermost AS (
        SELECT * FROM inside i WHERE NOT EXISTS (
          SELECT 1 FROM inside o WHERE o.building = i.building AND o.scope = i.scope AND starts_with(i.place, o.place || '/'))
      )
      SELECT scope, no AS point, place, coalesce(max(interval_ms) OVER (PARTITION BY scope), ${stepMsDefault}) AS step_ms FROM outermost`,
    `CREATE OR REPLACE TEMP TABLE former AS FROM counters WHERE split_part(scope, '/', 1) IN (SELECT building FROM changed)`,
    // A counter that never spoke changes nothing that was rolled up.
    `CREATE OR REPLACE TEMP TABLE stale AS
      SELECT scope FROM (FROM former EXCEPT FROM fresh)
      UNION SELECT scope FROM (FROM fresh EXCEPT FROM former) c JOIN points p ON p.no = c.point WHERE p.received > 0`,
    "DELETE FROM counters WHERE split_part(scope, '/', 1) IN (SELECT building FROM changed)",
    "INSERT INTO counters SELECT scope, point, place, step_ms FROM fresh",
    "DELETE FROM presence WHERE scope IN (FROM stale)",
    dueSql("(FROM hourly)", "WHERE c.scope IN (FROM stale)"),
    "DELETE FROM changed",
  ])
    await writer.run(sql);
}

/** Brings `presence` up to date with `touched`, whose rows it removes, and with what is due already. */
export async function rollUpPresence(writer: RollUpWriter): Promise<void> {
  await writer.run(dueSql("touched", ""));
  await writer.run("DELETE FROM touched");
  const slots = await writer.span("slot", "due");
  if (slots === null) return;
  const [first, last] = slots;
  const [, stepMs] = (await writer.span(
    "step_ms",
    "counters WHERE scope IN (SELECT scope FROM due)",
  ))!;
  const [from, to] = [first * quarterMs, (last + 1) * quarterMs];
  await writer.run(`
    CREATE OR REPLACE TEMP TABLE fresh AS
      SELECT scope, start // ${quarterMs} AS slot, count(*) AS steps, count(*) FILTER (persons > 0) AS occupied, fsum(persons) AS sum,
        max(persons) AS peak, arg_max(start, (persons, -start)) AS peak_t
      FROM (${stepsSql(
        `s.t >= ${from - stepMs} AND s.t < ${to + stepMs}`,
        `SEMI JOIN due ON due.scope = c.scope AND due.slot = ${STEP_START} // ${quarterMs}`,
      )}) GROUP BY ALL;
    ${mergeSql(
      "presence",
      ["scope", "slot"],
      ["steps", "occupied", "sum", "peak", "peak_t"],
      `presence.slot BETWEEN ${first} AND ${last}`,
    )};
    DELETE FROM due`);
}

/** The quarter-hours in which a step begins for which a reading in one of the hours (point, hour) may tell. */
function dueSql(hours: string, where: string): string {
  return `
    INSERT INTO due SELECT DISTINCT c.scope, (step * c.step_ms) // ${quarterMs}
    FROM ${hours} h JOIN counters c ON c.point = h.point,
      unnest(range(h.hour::BIGINT * ${hourMs} // c.step_ms, (h.hour + 1)::BIGINT * ${hourMs} // c.step_ms + 2)) AS steps (step)
    ${where}`;
}
