// Persons present by local day, from badges where they tell, else from people counters; and the utilization they amount to.

import { civilDays } from "../civil-days.ts";
import { isReporting, type Utilization, utilizationOf } from "../measures/utilization.ts";
import { type Period, rounded, stepsOf } from "../period.ts";
import type { BuildingRecord, Registry } from "../registry.ts";
import type { Store } from "../store.ts";
import { occupancyOf, type Scope } from "./occupancy.ts";
import { type PersonsDay, personsByDay } from "./persons.ts";

/** How a day's persons are found; shown with them. */
export const personsMethod =
  "distinct badges seen at the building's doors that day, or, once their events were destroyed, the figure written down then; on days without badge events the greatest number of persons that people counters saw at one time";

export interface OccupancyDay {
  readonly date: string;
  readonly weekday: number;
  readonly reporting: boolean;
  readonly whole: boolean;
  readonly persons: number | null;
  readonly source: PersonsDay["source"] | "counters" | null;
  readonly counterPeak: number | null;
  readonly received: number;
  readonly expected: number;
}

/** Persons by day of a period. Errors: `query.range`. */
export async function occupancyDays(
  store: Store,
  registry: Registry,
  building: BuildingRecord,
  scope: Scope,
  period: Period,
  now: number,
): Promise<readonly OccupancyDay[]> {
  const steps = stepsOf(period, "P1D", building.zone);
  const { series } = await occupancyOf(store, scope, period, steps, now);
  const badged = new Map(
    (await personsByDay(store, registry, building.id, period)).map((day) => [day.date, day]),
  );
  return civilDays(period, building.zone).map(({ date, weekday, whole, end }, i) => {
    const { peak, received, expected } = series[i]!;
    const badges = badged.get(date);
    const counted = peak === null ? null : Math.round(peak);
    return {
      date,
      weekday,
      reporting: isReporting(weekday),
      whole: whole && end <= now,
      persons: badges?.persons ?? counted,
      source: badges?.source ?? (counted === null ? null : "counters"),
      counterPeak: peak,
      received,
      expected,
    };
  });
}

export interface UtilizationOfDays extends Utilization {
  /** Days that entered the mean, and whole reporting days that have no figure. */
  readonly days: number;
  readonly missingDays: number;
  readonly sources: readonly NonNullable<OccupancyDay["source"]>[];
}

/** Utilization over the whole reporting days. */
export function utilizationOfDays(
  days: readonly OccupancyDay[],
  usableFt2: number | null,
): UtilizationOfDays {
  const reported = days.filter(({ reporting, whole }) => reporting && whole);
  const persons = reported.flatMap((day) => day.persons ?? []);
  const personDays = persons.reduce((sum, n) => sum + n, 0);
  return {
    ...roundedUtilization(utilizationOf(personDays, persons.length, usableFt2)),
    days: persons.length,
    missingDays: reported.length - persons.length,
    sources: [...new Set(reported.flatMap(({ source }) => source ?? []))].sort(),
  };
}

/** Utilization as answers show it. */
export function roundedUtilization(utilization: Utilization): Utilization {
  const { capacity, meanPersons, rate } = utilization;
  const short = (value: number | null): number | null => (value === null ? null : rounded(value));
  return {
    ...utilization,
    capacity: short(capacity),
    meanPersons: short(meanPersons),
    rate: short(rate),
  };
}
