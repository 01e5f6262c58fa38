// The true life of the building in steps of ten seconds: people, air, heat and integer joules; everything else in the simulator only observes it.
import { type CalendarDay, isWorkday, outside, whereaboutsOn } from "./people.ts";
import type { BuildingPlan } from "./plan.ts";
import { outdoorCelsius } from "./weather.ts";
import { type WallTime, wallTimeAt, zone } from "./zone.ts";

export const stepSeconds = 10;

export interface RoomState {
  readonly people: number;
  readonly co2Ppm: number;
  readonly celsius: number;
}

/** Somebody goes through an outer door. */
export interface Crossing {
  readonly time: number;
  readonly person: number;
  readonly door: number;
  readonly direction: "in" | "out";
}

/** Cumulative energy since the simulation's start, integer joules. */
export interface Meters {
  readonly main: number;
  readonly hvac: number;
  readonly lighting: number;
  readonly plugs: number;
}

/** The true state at one time (unix seconds, a multiple of the step). */
export interface Step {
  readonly time: number;
  readonly outdoorCelsius: number;
  readonly rooms: readonly RoomState[];
  readonly crossings: readonly Crossing[];
  readonly energyJ: Meters;
  /** Electric power of the step that begins now, integer watts. */
  readonly powerW: number;
}

const outdoorPpm = 420;
/** CO2 of a person at a desk: 0.0052 l/s (ASTM D6245-18, 1.2 met), as ppm m3 a second. */
const ppmM3PerPersonSecond = 5.2;
const airChangesPerSecond = { open: 1.2 / 3600, closed: 0.35 / 3600 } as const;
/** Heat stored in a room's air, furniture and surfaces, joules a kelvin for each m3. */
const heatCapacityPerM3 = 22_000;
/** Time in which an unheated room follows the weather, seconds. */
const envelopeSeconds = 42 * 3600;
const personHeatW = 90;
const heatPumpPerformance = 3;
const heatPumpWMax = 4500;
const comfort = { open: [21, 24], closed: [16, 29] } as const;
const baseLoadW = 1900;

/** Every step from `start` on, without end; the same plan, seed and start always give the same steps. */
export function* simulateBuilding(
  plan: BuildingPlan,
  seed: number,
  start: number,
): Generator<Step, never> {
  const here = zone(plan.zone);
  const co2 = plan.rooms.map(() => outdoorPpm);
  const celsius = plan.rooms.map(() => 20);
  const energy = { main: 0, hvac: 0, lighting: 0, plugs: 0 };
  let today = dayOf(plan, seed, wallTimeAt(here, start));
  let rooms = plan.people.map(() => outside);

  for (let time = start; ; time += stepSeconds) {
    const wall = wallTimeAt(here, time);
    if (today.date.day !== wall.day) today = dayOf(plan, seed, wall);
    const open =
      isWorkday(today.date) && wall.hour >= plan.openHours[0] && wall.hour < plan.openHours[1];

    // People: the plan of the day holds minutes; each person keeps to it a few seconds early.
    const crossings: Crossing[] = [];
    const before = rooms;
    const second = wall.hour * 3600 + wall.minute * 60 + wall.second;
    rooms = plan.people.map((person, index) => {
      const minute = Math.min(1439, Math.floor((second + ((person.id * 7) % 6) * 10) / 60));
      const room = today.whereabouts[index]?.[minute] ?? outside;
      if ((room === outside) !== (before[index] === outside)) {
        const direction = room === outside ? "out" : "in";
        crossings.push({ time, person: person.id, door: person.door, direction });
      }
      return room;
    });
    const counts = plan.rooms.map(() => 0);
    for (const room of rooms) if (room !== outside) counts[room] = (counts[room] ?? 0) + 1;

    // Air and heat of each room, then what keeping it so costs.
    const outdoor = outdoorCelsius(seed, time, here.offsetAt(time));
    const airChanges = open ? airChangesPerSecond.open : airChangesPerSecond.closed;
    const [low, high] = open ? comfort.open : comfort.closed;
    let hvacW = open ? 18 * plan.rooms.length : 0;
    let lightingW = open ? 420 : 110;
    let plugsW = 60;
    const states = plan.rooms.map((room, index) => {
      const people = counts[index] ?? 0;
      const ppm = co2[index] ?? outdoorPpm;
      co2[index] =
        ppm +
        stepSeconds *
          ((people * ppmM3PerPersonSecond) / room.volumeM3 - airChanges * (ppm - outdoorPpm));

      const inside = celsius[index] ?? 20;
      const capacity = room.volumeM3 * heatCapacityPerM3;
      const wanted = (Math.min(high, Math.max(low, inside)) - inside) * (capacity / 600);
      const pumpedW = Math.max(-heatPumpWMax, Math.min(heatPumpWMax, wanted));
      celsius[index] =
        inside +
        stepSeconds *
          ((outdoor - inside) / envelopeSeconds + (people * personHeatW + pumpedW) / capacity);

      hvacW += Math.abs(pumpedW) / heatPumpPerformance;
      if (people > 0) lightingW += room.areaM2 * 8;
      plugsW += 15 + people * 95;
      return { people, co2Ppm: ppm, celsius: inside };
    });

    const watts = {
      hvac: Math.round(hvacW),
      lighting: Math.round(lightingW),
      plugs: Math.round(plugsW),
    };
    const powerW = watts.hvac + watts.lighting + watts.plugs + baseLoadW;
    yield {
      time,
      outdoorCelsius: outdoor,
      rooms: states,
      crossings,
      energyJ: { ...energy },
      powerW,
    };
    energy.hvac += watts.hvac * stepSeconds;
    energy.lighting += watts.lighting * stepSeconds;
    energy.plugs += watts.plugs * stepSeconds;
    energy.main += powerW * stepSeconds;
  }
}

function dayOf(plan: BuildingPlan, seed: number, { year, month, day }: WallTime) {
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const date: CalendarDay = { year, month, day, weekday };
  return { date, whereabouts: whereaboutsOn(plan, seed, date) };
}
