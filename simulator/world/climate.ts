// Air and heat of every room: carbon dioxide by mass balance (ASTM D6245-18), temperature by a heat balance, and the power that conditioning takes.
import type { Fault } from "./faults.ts";
import type { BuildingPlan } from "./plan.ts";
import type { Sky } from "./weather.ts";

/** What the rooms are exposed to for one step. */
export interface Exposure {
  readonly seconds: number;
  readonly sky: Sky;
  /** Whether plant runs as in opening hours. */
  readonly conditioned: boolean;
  readonly people: ArrayLike<number>;
  readonly faults: readonly Fault[];
}

export interface Climate {
  /** By room, now. */
  readonly co2Ppm: ArrayLike<number>;
  readonly celsius: ArrayLike<number>;
  /** The electric power of heating, cooling and fans in the step that begins now, watts. */
  run(exposure: Exposure): number;
  /** To the end of the step that was run. */
  advance(): void;
}

const outdoorPpm = 420;
/** CO2 of a person at a desk: 0.0052 l/s (ASTM D6245-18, 1.2 met), as ppm m3 a second. */
const ppmM3PerPersonSecond = 5.2;
const airChangesPerSecond = { open: 1.2 / 3600, closed: 0.35 / 3600 } as const;
/** Heat stored in a room's air, furniture and surfaces, joules a kelvin for each m3. */
const heatCapacityPerM3 = 22_000;
/** Joules that warm one m3 of fresh air by a kelvin. */
const airCapacityPerM3 = 1_206;
/** Heat that the exhaust air gives back to the fresh. */
const heatRecovery = 0.4;
/** Time in which an unheated room follows the weather through its walls, seconds. */
const envelopeSeconds = 42 * 3600;
const personHeatW = 90;
/** Heat through a window for each W/m2 outside: glass, blinds and the mean direction. */
const windowShare = 0.12;
const heatPumpPerformance = 3;
const heatPumpWMax = 4500;
/** Heat of a valve that does not close. */
const stuckValveW = 1800;
/** How far the pump tries to get in one go. */
const pumpSeconds = 600;
const fanWPerM3 = 1.2;
const comfort = { open: [21, 24], closed: [16, 29] } as const;

/** All rooms at rest: outdoor air, 20 degrees. */
export function openClimate(plan: BuildingPlan): Climate {
  const rooms = plan.rooms.length;
  const co2Ppm = new Float64Array(rooms).fill(outdoorPpm);
  const celsius = new Float64Array(rooms).fill(20);
  const co2Next = co2Ppm.slice();
  const celsiusNext = celsius.slice();
  const volume = Float64Array.from(plan.rooms, ({ volumeM3 }) => volumeM3);
  const fansW = volume.reduce((sum, m3) => sum + m3 * fanWPerM3, 0);
  const windows = Float64Array.from(plan.rooms, ({ windowM2 }) => windowM2 * windowShare);
  const dampers = new Uint8Array(rooms);
  const valves = new Uint8Array(rooms);

  return {
    co2Ppm,
    celsius,
    run({ seconds, sky, conditioned, people, faults }) {
      dampers.fill(0);
      valves.fill(0);
      let runs = conditioned;
      for (const { kind, room } of faults) {
        if (kind === "stuck-damper" && room !== null) dampers[room] = 1;
        if (kind === "stuck-valve" && room !== null) valves[room] = 1;
        if (kind === "set-back-lost") runs = true;
      }
      const [low, high] = runs ? comfort.open : comfort.closed;
      let watts = runs ? fansW : 0;
      for (let room = 0; room < rooms; room++) {
        const count = people[room] ?? 0;
        const m3 = volume[room] ?? 1;
        const ppm = co2Ppm[room] ?? outdoorPpm;
        const changes =
          conditioned && dampers[room] === 0
            ? airChangesPerSecond.open
            : airChangesPerSecond.closed;
        co2Next[room] =
          ppm + seconds * ((count * ppmM3PerPersonSecond) / m3 - changes * (ppm - outdoorPpm));

        const inside = celsius[room] ?? 20;
        const capacity = m3 * heatCapacityPerM3;
        const wanted = inside < low ? low - inside : inside > high ? high - inside : 0;
        const asked = wanted * (capacity / pumpSeconds);
        const valveW = valves[room] === 1 ? stuckValveW : 0;
        const pumpedW = Math.max(-heatPumpWMax, Math.min(heatPumpWMax, asked));
        const heatW =
          pumpedW + valveW + count * personHeatW + (windows[room] ?? 0) * sky.irradiance;
        const freshWPerK = m3 * changes * airCapacityPerM3 * (1 - heatRecovery);
        celsiusNext[room] =
          inside +
          seconds *
            ((sky.celsius - inside) * (1 / envelopeSeconds + freshWPerK / capacity) +
              heatW / capacity);
        watts += (Math.abs(pumpedW) + valveW) / heatPumpPerformance;
      }
      return watts;
    },
    advance() {
      co2Ppm.set(co2Next);
      celsius.set(celsiusNext);
    },
  };
}
