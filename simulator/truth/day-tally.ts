// The true figures by day, hour and weekday: persons at the counting step, joules, demand, distinct people.
import type { Meters, Step } from "../world/building.ts";
import { dateOf, weekdayOf } from "../world/calendar.ts";
import { type BuildingPlan, hoursOn } from "../world/plan.ts";
import type { TruthCount, TruthDay, TruthHours } from "./truth-file.ts";

export const countSeconds = 300;
export const demandSeconds = 900;
const hourSeconds = 3600;
const weekHours = 168;

type Circuit = keyof Meters;
const circuits = [
  "main",
  "hvac",
  "lighting",
  "plugs",
  "services",
  "solar",
  "import",
  "export",
] as const satisfies readonly Circuit[];

interface Count {
  sum: number;
  steps: number;
  peak: number;
}
interface Day extends Count {
  readonly day: number;
  readonly from: number;
  to: number;
  readonly open: TruthDay["open"];
  peakAt: number;
  readonly people: Set<number>;
  readonly badged: Set<number>;
  visitors: number;
  readonly energyJ: Record<Circuit, number>;
  demand: { joules: number; at: number } | null;
  afterHoursJ: number;
}

export interface DayTally {
  /** Takes one step; every step, in order. */
  observe(step: Step): void;
  /** A badge of that person, told to the ledger, on the day that is the index-th. */
  badged(index: number, person: number): void;
  days(): readonly TruthDay[];
  /** Index of the day that holds a time, or −1. */
  dayAt(time: number): number;
  hourly(): TruthHours;
  week(): readonly TruthCount[];
}

/** An empty tally. */
export function openDayTally(plan: BuildingPlan): DayTally {
  const sensed = plan.rooms.filter((room) => room.sensed).length;
  const days: Day[] = [];
  const week = Array.from({ length: weekHours }, none);
  const hours: (Count & { readonly energyJ: Record<Circuit, number> })[] = [];
  let firstHour = 0;
  /** Counters and day at the start of the demand interval that runs now. */
  let interval: { readonly at: number; readonly energyJ: Meters; readonly day: Day } | null = null;
  let intervalIsOpen = false;

  return {
    observe(step) {
      const { time } = step;
      let day = days.at(-1);
      if (day?.day !== step.day) {
        day = newDay(plan, step);
        days.push(day);
      }
      day.to = time + 10;
      const hour = Math.floor(time / hourSeconds);
      if (hours.length === 0) firstHour = hour;
      if (hours.length <= hour - firstHour) hours.push({ ...none(), energyJ: noJoules() });

      for (const { person, direction } of step.crossings) {
        if (direction === "out") continue;
        if (person === null) day.visitors++;
        else day.people.add(person);
      }
      if (time % demandSeconds === 0) closeInterval(step, day);
      if (time % countSeconds !== 0) return;
      let persons = 0;
      for (let room = 0; room < sensed; room++) persons += step.people[room] ?? 0;
      if (persons > day.peak || day.steps === 0) day.peakAt = time;
      for (const count of [day, hours.at(-1), weekCell(step)]) {
        if (count === undefined) continue;
        count.sum += persons;
        count.steps++;
        count.peak = Math.max(count.peak, persons);
      }
    },
    badged(index, person) {
      days[index]?.badged.add(person);
    },
    dayAt: (time) => days.findLastIndex((day) => time >= day.from && time < day.to),
    days: () =>
      days.map(({ day, people, badged, ...rest }) => ({
        date: dateOf(day),
        weekday: weekdayOf(day),
        ...rest,
        persons: people.size,
        badged: badged.size,
      })),
    hourly: () => ({
      from: firstHour * hourSeconds,
      energyJ: Object.fromEntries(
        circuits.map((circuit) => [circuit, hours.map(({ energyJ }) => energyJ[circuit])]),
      ),
      persons: {
        sum: hours.map(({ sum }) => sum),
        steps: hours.map(({ steps }) => steps),
        peak: hours.map(({ peak }) => peak),
      },
    }),
    week: () => week.map((cell) => ({ ...cell })),
  };

  function weekCell(step: Step): Count | undefined {
    return week[weekdayOf(step.day) * 24 + Math.floor(step.second / hourSeconds)];
  }

  /** Joules belong to the day, the hour and the hours of opening in which their interval began. */
  function closeInterval(step: Step, day: Day): void {
    if (interval !== null) {
      const hour = hours[Math.floor(interval.at / hourSeconds) - firstHour];
      for (const circuit of circuits) {
        const joules = step.energyJ[circuit] - interval.energyJ[circuit];
        interval.day.energyJ[circuit] += joules;
        if (hour !== undefined) hour.energyJ[circuit] += joules;
      }
      const joules = step.energyJ.main - interval.energyJ.main;
      if (joules > (interval.day.demand?.joules ?? 0))
        interval.day.demand = { joules, at: interval.at };
      if (!intervalIsOpen) interval.day.afterHoursJ += joules;
    }
    interval = { at: step.time, energyJ: { ...step.energyJ }, day };
    intervalIsOpen = step.open;
  }
}

function newDay(plan: BuildingPlan, step: Step): Day {
  return {
    ...none(),
    day: step.day,
    from: step.time,
    to: step.time,
    open: hoursOn(plan, step.day),
    peakAt: step.time,
    people: new Set(),
    badged: new Set(),
    visitors: 0,
    energyJ: noJoules(),
    demand: null,
    afterHoursJ: 0,
  };
}

function none(): Count {
  return { sum: 0, steps: 0, peak: 0 };
}

function noJoules(): Record<Circuit, number> {
  return {
    main: 0,
    hvac: 0,
    lighting: 0,
    plugs: 0,
    services: 0,
    solar: 0,
    import: 0,
    export: 0,
  };
}
