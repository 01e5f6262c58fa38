// What the public may see of a building: finished weeks by day, with small counts withheld (decision 11).

import { civilDays } from "../civil-days.ts";
import { publicPersonsMin, withholdSmall } from "../measures/small-counts.ts";
import { type Utilization, utilizationOf } from "../measures/utilization.ts";
import { type Period, stepsOf } from "../period.ts";
import type { BuildingRecord, PointRecord, Registry } from "../registry.ts";
import type { Store } from "../store.ts";
import { energyOf } from "./energy.ts";
import type { Scope } from "./occupancy.ts";
import { type OccupancyDay, occupancyDays, roundedUtilization } from "./occupancy-days.ts";

const dayMs = 86_400_000;
const monday = 1;

export interface PublicDay {
  readonly date: string;
  readonly weekday: number;
  readonly reporting: boolean;
  readonly persons: number | null;
  readonly suppressed: boolean;
  readonly kwh: number | null;
  readonly received: number;
  readonly expected: number;
}

export interface PublicWeek {
  /** Its Monday. */
  readonly from: string;
  readonly personDays: number | null;
  readonly days: number;
}

export interface PublicDays {
  readonly releasedTo: number;
  readonly days: readonly PublicDay[];
  readonly weeks: readonly PublicWeek[];
  readonly utilization: Utilization & { readonly days: number };
}

export interface PublicQuestion {
  readonly building: BuildingRecord;
  readonly registry: Registry;
  readonly scope: Scope;
  readonly meters: readonly PointRecord[];
  readonly period: Period;
  readonly now: number;
}

/**
 * Days of a period from weeks that are over. What is withheld is decided by the whole week, whatever part of it is asked
 * for, and the mean is that of published weeks: so two questions tell no more than the weeks do.
 */
export async function publicDays(store: Store, question: PublicQuestion): Promise<PublicDays> {
  const { building, registry, scope, meters, period, now } = question;
  const { zone } = building;
  const releasedTo = mondayBefore(now, zone);
  const whole: Period = {
    from: mondayBefore(period.from, zone),
    to: Math.min(releasedTo, mondayBefore(period.to - 1 + 7 * dayMs, zone)),
  };
  if (whole.from >= whole.to)
    return {
      ...{ releasedTo, days: [], weeks: [] },
      utilization: utilizationOfWeeks([], building.usableFt2),
    };
  const persons = await occupancyDays(store, registry, building, scope, whole, now);
  const steps = stepsOf(whole, "P1D", zone);
  const { series } = await energyOf(store, meters, whole, steps, now);
  const days = civilDays(whole, zone);
  const asked = days.map(({ start, end }) => start < period.to && end > period.from);

  const shown: PublicDay[] = [];
  const weeks: PublicWeek[] = [];
  for (let first = 0; first < days.length; first += 7) {
    const week = persons.slice(first, first + 7);
    const { weekdays, weekend } = withheldOf(week);
    const counts = [...weekdays.counts, ...weekend.counts];
    const withheld = [...weekdays.withheld, ...weekend.withheld];
    week.forEach(({ date, weekday, reporting }, i) => {
      if (!asked[first + i]) return;
      const { kwh, received, expected } = series[first + i]!;
      shown.push({
        ...{ date, weekday, reporting, kwh, received, expected },
        persons: counts[i]!,
        suppressed: withheld[i]!,
      });
    });
    const within = days[first]!.start >= period.from && days[first + 6]!.end <= period.to;
    const known = week.filter((day) => day.reporting && day.persons !== null).length;
    if (within) weeks.push({ from: week[0]!.date, personDays: weekdays.total, days: known });
  }
  return {
    releasedTo,
    days: shown,
    weeks,
    utilization: utilizationOfWeeks(weeks, building.usableFt2),
  };
}

/** The five reporting days are published with their total; the days of a weekend stand alone. */
function withheldOf(week: readonly OccupancyDay[]) {
  const [weekdays, weekend] = [week.slice(0, 5), week.slice(5)].map((days) =>
    days.map((day) => day.persons),
  );
  const alone = weekend!.map((count) => withholdSmall([count], publicPersonsMin));
  return {
    weekdays: withholdSmall(weekdays!, publicPersonsMin),
    weekend: {
      counts: alone.map(({ counts }) => counts[0]!),
      withheld: alone.map(({ withheld }) => withheld[0]!),
    },
  };
}

/** The mean of the weeks whose total is published: somebody who adds them up finds the same. */
function utilizationOfWeeks(
  weeks: readonly PublicWeek[],
  usableFt2: number | null,
): PublicDays["utilization"] {
  const told = weeks.filter(({ personDays }) => personDays !== null);
  const days = told.reduce((sum, week) => sum + week.days, 0);
  const personDays = told.reduce((sum, week) => sum + (week.personDays ?? 0), 0);
  return { ...roundedUtilization(utilizationOf(personDays, days, usableFt2)), days };
}

/** The beginning of the local Monday at or before an instant. */
function mondayBefore(at: number, zone: string): number {
  const days = civilDays({ from: at - 7 * dayMs, to: at + 1 }, zone);
  return days.findLast(({ weekday, start }) => weekday === monday && start <= at)!.start;
}
