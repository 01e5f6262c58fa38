// Distinct persons seen at a building's doors, by local day: from what the bodies of access events told while they were kept,
// and from the disposition of the day after that (D8, FORMAT 4.3).

import { CivilTime, dateOf } from "../civil-time.ts";
import { checkPeriod, type Period } from "../period.ts";
import type { Registry } from "../registry.ts";
import type { Store } from "../store.ts";

export interface PersonsDay {
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  /** A person counts once a day, however many doors. */
  readonly persons: number;
  /** `badges`: counted from bodies that are still kept. `disposition`: the figure that was written down when they were destroyed. */
  readonly source: "badges" | "disposition";
}

/**
 * The days of a period, given as instants, on which access events were counted, in order; a day without any is absent. The figure is
 * of whole local days, also of those that the period cuts. Errors: `query.period`, `query.range`.
 */
export async function personsByDay(
  store: Store,
  registry: Registry,
  building: string,
  period: Period,
): Promise<readonly PersonsDay[]> {
  checkPeriod(period);
  const civil = new CivilTime(period, registry.buildings.get(building)?.zone ?? "UTC");
  const first = dateOf(civil.local(period.from)).date;
  const last = dateOf(civil.local(period.to - 1)).date;
  const days = "building = $1 AND date BETWEEN $2 AND $3";
  // What came in after a disposition adds to its day only where it is more than was written down.
  const rows = await store.query(
    `SELECT date, max(persons) AS persons, bool_or(disposed) AS disposed FROM (
       SELECT date, count(DISTINCT person) AS persons, false AS disposed FROM persons WHERE ${days} GROUP BY date
       UNION ALL SELECT date, persons, true FROM dispositions WHERE ${days} AND persons IS NOT NULL
     ) GROUP BY date ORDER BY date`,
    [building, first, last],
  );
  return rows.map(({ date, persons, disposed }) => ({
    date: String(date),
    persons: Number(persons),
    source: disposed === true ? "disposition" : "badges",
  }));
}
