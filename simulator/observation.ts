// Lives the building step by step and lets every device see its part: readings on their interval, passages at their door; the truth sees all.
import type { Sensor } from "./devices.ts";
import type { Member } from "./fleet.ts";
import type { Truth } from "./truth/recorder.ts";
import { type Step, stepSeconds } from "./world/building.ts";

export interface Observation {
  /** The first step that was not lived yet, unix seconds. */
  readonly time: number;
  /** Lives up to a time; points without an interval of their own are read every so many seconds. */
  live(until: number, looseSeconds: number): void;
}

interface Watcher {
  readonly member: Member;
  readonly sensor: Sensor;
  readonly id: string;
}

/** Begins at the life's first step. */
export function observe(
  members: readonly Member[],
  life: Generator<Step, never>,
  start: number,
  truth: Truth,
): Observation {
  const watchers = new Map<number | null, Watcher[]>();
  for (const member of members) {
    for (const sensor of member.drawing.sensors) {
      const interval = sensor.point.interval ?? null;
      const id = `${member.drawing.device}.${sensor.point.name}`;
      watchers.set(interval, [...(watchers.get(interval) ?? []), { member, sensor, id }]);
    }
  }
  let time = start;

  function look({ member, sensor, id }: Watcher, step: Step): void {
    const { point } = sensor;
    const value = sensor.read(step);
    member.records.push({ name: point.name, unit: point.unit, value, time: step.time });
    truth.reading(id, step, value, sensor.truth?.(step) ?? value);
    const arrives = member.conduct === null ? step.time : member.conduct.arrivesAs(step.time);
    if (arrives !== null) truth.delivered(id, arrives);
  }

  function watchDoors(step: Step): void {
    for (const passage of step.crossings) {
      for (const member of members) {
        if (member.drawing.door !== passage.door || passage.person === null) continue;
        member.passages.push(passage);
        const arrives = member.conduct === null ? step.time : member.conduct.arrivesAs(step.time);
        if (arrives !== null) truth.badged(passage.person, arrives);
      }
    }
  }

  return {
    get time() {
      return time;
    },
    live(until, looseSeconds) {
      for (; time < until; time += stepSeconds) {
        const step = life.next().value;
        truth.observe(step);
        for (const [interval, several] of watchers) {
          if (step.time % (interval ?? looseSeconds) !== 0) continue;
          for (const watcher of several) look(watcher, step);
        }
        if (step.crossings.length > 0) watchDoors(step);
      }
    },
  };
}
