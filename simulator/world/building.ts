// The true life of the building in steps of ten seconds: people, air, heat, sun and integer joules; everything else in the simulator only observes it.
import { zone } from "../zone.ts";
import { type CivilDay, yearOf } from "./calendar.ts";
import { openClimate } from "./climate.ts";
import { type Fault, type FaultSchedule, seededFaults } from "./faults.ts";
import { type Move, movesOn } from "./moves.ts";
import { type BuildingPlan, hoursOn } from "./plan.ts";
import { type Sky, skyAt } from "./weather.ts";
import { outside } from "./whereabouts.ts";

export const stepSeconds = 10;

/** Somebody goes through an outer door. Visitors are let in: they have no badge. */
export interface Crossing {
  readonly time: number;
  /** Index in the plan's staff; null for a visitor. */
  readonly person: number | null;
  readonly door: number;
  readonly direction: "in" | "out";
}

/**
 * Cumulative energy since the simulation's start, integer joules. Two sums hold at every step, exactly:
 * main = hvac + lighting + plugs + services, and main + export = import + solar.
 */
export interface Meters {
  /** All that the building uses, wherever it comes from. */
  readonly main: number;
  readonly hvac: number;
  readonly lighting: number;
  readonly plugs: number;
  /** Lifts, pumps, the server room. */
  readonly services: number;
  readonly solar: number;
  /** Drawn from the grid, and given to it. */
  readonly import: number;
  readonly export: number;
}

/** The true state at one time (unix seconds, a multiple of the step). The arrays and meters are those of the life itself: copy what is kept. */
export interface Step {
  readonly time: number;
  readonly day: CivilDay;
  /** Second of the local day, as the clock on the wall shows it. */
  readonly second: number;
  /** Within opening hours. */
  readonly open: boolean;
  readonly sky: Sky;
  /** By room. */
  readonly people: ArrayLike<number>;
  readonly co2Ppm: ArrayLike<number>;
  readonly celsius: ArrayLike<number>;
  /** Since the step before. */
  readonly crossings: readonly Crossing[];
  readonly faults: readonly Fault[];
  readonly energyJ: Meters;
  /** Electric power of the step that begins now, integer watts: what main and solar count. */
  readonly powerW: number;
  readonly solarW: number;
}

const daySeconds = 86_400;
/** Plant starts so long before the building opens. */
const warmUpMinutes = 60;
const lightingWPerM2 = 8;
const idleWPerM2 = 3;
const deskW = 110;
const servicesW = { floor: 1900, person: 6 } as const;
const corridorWPerFloor = { open: 900, closed: 120 } as const;
/** Share of the sunlight on a panel that reaches the meter. */
const solarEfficiency = 0.17;
const noCrossings: readonly Crossing[] = [];

/** Every step from `start` on, without end; the same plan, seed, start and faults always give the same steps. */
export function* simulateBuilding(
  plan: BuildingPlan,
  seed: number,
  start: number,
  faults: FaultSchedule = seededFaults(plan, seed),
): Generator<Step, never> {
  const here = zone(plan.zone);
  const climate = openClimate(plan);
  const people = new Int32Array(plan.rooms.length);
  const at = new Int16Array(plan.people.length + plan.visitorsMax).fill(outside);
  const energyJ = {
    main: 0,
    hvac: 0,
    lighting: 0,
    plugs: 0,
    services: 0,
    solar: 0,
    import: 0,
    export: 0,
  };
  const idleW = plan.rooms.reduce((sum, { areaM2 }) => sum + areaM2 * idleWPerM2, 0);
  const lamps = Int32Array.from(plan.rooms, ({ areaM2 }) => areaM2 * lightingWPerM2);
  const standardOffset = winterOffset(start);
  let today: Today | null = null;
  let active: readonly Fault[] = [];
  let inside = 0;

  for (let time = start; ; time += stepSeconds) {
    const local = time + here.offsetAt(time);
    const day = Math.floor(local / daySeconds);
    const second = local - day * daySeconds;
    if (today?.day !== day) today = dayOf(plan, seed, day);
    if (time === start || time % 3600 === 0) active = faults.during(time, time + 3600);
    const open = isWithin(today.hours, second, 0);

    let crossings = noCrossings;
    for (let move = today.moves[today.next]; move !== undefined && move.second <= second; ) {
      const before = at[move.person] ?? outside;
      at[move.person] = move.room;
      if (before !== outside) people[before] = (people[before] ?? 0) - 1;
      if (move.room !== outside) people[move.room] = (people[move.room] ?? 0) + 1;
      if ((before === outside) !== (move.room === outside)) {
        const isVisitor = move.person >= plan.people.length;
        const direction = move.room === outside ? "out" : "in";
        inside += direction === "in" ? 1 : -1;
        crossings = [
          ...crossings,
          {
            time,
            person: isVisitor ? null : move.person,
            door: plan.people[move.person]?.door ?? 0,
            direction,
          },
        ];
      }
      today.next++;
      move = today.moves[today.next];
    }

    const sky = skyAt(seed, time, standardOffset);
    let lightingW = (open ? corridorWPerFloor.open : corridorWPerFloor.closed) * plan.floors;
    let plugsW = idleW;
    for (let room = 0; room < people.length; room++) {
      const count = people[room] ?? 0;
      if (count > 0) lightingW += lamps[room] ?? 0;
      plugsW += count * deskW;
    }
    const servicesNowW = servicesW.floor * plan.floors + servicesW.person * inside;
    const solarW = Math.round(sky.irradiance * plan.solarM2 * solarEfficiency);

    const conditioned = isWithin(today.hours, second, warmUpMinutes);
    const hvacW = Math.round(
      climate.run({ seconds: stepSeconds, sky, conditioned, people, faults: active }),
    );
    const powerW = hvacW + lightingW + plugsW + servicesNowW;
    yield {
      time,
      day,
      second,
      open,
      sky,
      people,
      co2Ppm: climate.co2Ppm,
      celsius: climate.celsius,
      crossings,
      faults: active,
      energyJ,
      powerW,
      solarW,
    };

    climate.advance();
    energyJ.hvac += hvacW * stepSeconds;
    energyJ.lighting += lightingW * stepSeconds;
    energyJ.plugs += plugsW * stepSeconds;
    energyJ.services += servicesNowW * stepSeconds;
    energyJ.main += powerW * stepSeconds;
    energyJ.solar += solarW * stepSeconds;
    energyJ.import += Math.max(0, powerW - solarW) * stepSeconds;
    energyJ.export += Math.max(0, solarW - powerW) * stepSeconds;
  }

  function winterOffset(instant: number): number {
    const year = yearOf(Math.floor(instant / daySeconds));
    return Math.min(
      here.offsetAt(Date.UTC(year, 0, 15) / 1000),
      here.offsetAt(Date.UTC(year, 6, 15) / 1000),
    );
  }
}

interface Today {
  readonly day: CivilDay;
  readonly hours: readonly (readonly [number, number])[];
  readonly moves: readonly Move[];
  next: number;
}

function dayOf(plan: BuildingPlan, seed: number, day: CivilDay): Today {
  return { day, hours: hoursOn(plan, day), moves: movesOn(plan, seed, day), next: 0 };
}

function isWithin(hours: Today["hours"], second: number, earlierMinutes: number): boolean {
  return hours.some(
    ([open, close]) => second >= (open - earlierMinutes) * 60 && second < close * 60,
  );
}
