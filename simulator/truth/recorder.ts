// What really happened, step by step, and what of it was told: the truth file in the making.
import { dirname } from "node:path";
import { utf8 } from "@muniment/core";
import { makeDirectory, writeDurably } from "@muniment/core/files";
import type { DeviceDrawing } from "../devices.ts";
import { type Step, stepSeconds } from "../world/building.ts";
import { yearOf } from "../world/calendar.ts";
import type { FaultSchedule } from "../world/faults.ts";
import { type BuildingPlan, registeredHolidays } from "../world/plan.ts";
import { countSeconds, demandSeconds, openDayTally } from "./day-tally.ts";
import { openPointTally } from "./point-tally.ts";
import type { TruthConduct, TruthFile } from "./truth-file.ts";

export interface Truth {
  /** Takes one step; every step, in order, before its readings. */
  observe(step: Step): void;
  /** A sensor was read at that step: what it read, and what is true. */
  reading(point: string, step: Step, read: number, truth: number): void;
  /** A reading with that time was sent so that it counts. */
  delivered(point: string, time: number): void;
  /** A badge of the staff was told so that it counts. */
  badged(person: number, time: number): void;
  /** Replaces the file with all that is known so far. */
  write(path: string, conduct: TruthFile["conduct"]): Promise<void>;
}

export interface TruthConfig {
  readonly plan: BuildingPlan;
  readonly seed: number;
  readonly drawings: readonly DeviceDrawing[];
  readonly faults: FaultSchedule;
  /** Days of raw values to keep, counted from the end. */
  readonly rawDaysMax: number;
}

/** An empty account of the building's life. */
export function recordTruth({ plan, seed, drawings, faults, rawDaysMax }: TruthConfig): Truth {
  const days = openDayTally(plan);
  const points = openPointTally(drawings, rawDaysMax);
  const readers = drawings.flatMap(({ device, door }) =>
    door === undefined ? [] : [{ device, door, in: 0, out: 0 }],
  );
  let from: number | null = null;
  let to = 0;
  let day: number | null = null;

  const file = (conduct: { readonly [device: string]: TruthConduct }): TruthFile => {
    const begin = from ?? 0;
    const told = days.days();
    const place = (room: number | null) =>
      room === null ? plan.id : (plan.rooms[room]?.place ?? plan.id);
    return {
      format: "muniment-truth/2",
      building: plan.id,
      zone: plan.zone,
      seed,
      from: begin,
      to,
      countSeconds,
      demandSeconds,
      hours: plan.hours,
      holidays: registeredHolidays(yearOf(begin / 86_400), yearOf(to / 86_400)),
      usableFt2: plan.usableFt2,
      grossFt2: plan.grossFt2,
      meters: metersOf(plan),
      days: told,
      hourly: days.hourly(),
      week: days.week(),
      rooms: points.rooms(),
      points: points.points(),
      delivery: points.delivery(told),
      crossings: Object.fromEntries(
        readers.map(({ device, in: ins, out }) => [device, { in: ins, out }]),
      ),
      faults: faults.during(begin, to).map(({ kind, room, from: since, to: until }) => ({
        ...{ kind, place: place(room), from: Math.max(since, begin), to: Math.min(until, to) },
      })),
      conduct,
    };
  };

  return {
    observe(step) {
      from ??= step.time;
      to = step.time + stepSeconds;
      days.observe(step);
      if (day !== step.day) points.newDay();
      day = step.day;
      for (const { door, direction, person } of step.crossings) {
        if (person === null) continue;
        for (const reader of readers) if (reader.door === door) reader[direction]++;
      }
    },
    reading: points.reading,
    delivered: (point, time) => points.delivered(point, time, days.dayAt(time)),
    badged: (person, time) => days.badged(days.dayAt(time), person),
    async write(path, conduct) {
      await makeDirectory(dirname(path));
      await writeDurably(path, utf8(`${JSON.stringify(file(conduct))}\n`));
    },
  };
}

/** Point ids of the meters, by circuit; import and export are registers of one. */
function metersOf({ id }: BuildingPlan): { readonly [circuit: string]: string } {
  const own = ["main", "hvac", "lighting", "plugs", "services", "solar"] as const;
  return {
    ...Object.fromEntries(own.map((circuit) => [circuit, `${id}-meter-${circuit}.energy`])),
    import: `${id}-meter-grid.import`,
    export: `${id}-meter-grid.export`,
  };
}
