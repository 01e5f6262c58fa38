// Equipment that fails: which fault, in which room, from when to when; drawn from the seed or ordered, and a pure function of time.
import { SimulatorError } from "../errors.ts";
import { stream } from "../prng.ts";
import { instantIn, zone } from "../zone.ts";
import type { BuildingPlan } from "./plan.ts";

/**
 * What can fail, and the mark it leaves: a heating valve that stays open (temperature and energy), a fresh-air damper that
 * stays shut (CO2), a CO2 sensor that drifts (its readings only), a night set-back that is lost (energy of the night).
 */
export const faultKinds = [
  "stuck-valve",
  "stuck-damper",
  "drifting-sensor",
  "set-back-lost",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault in [from, to), unix seconds. */
export interface Fault {
  readonly kind: FaultKind;
  /** Index of the room; null for a fault of the whole building. */
  readonly room: number | null;
  readonly from: number;
  readonly to: number;
}

/** A fault as it is ordered: what is null is drawn from the seed, or lasts for the whole run. */
export interface FaultOrder {
  readonly kind: FaultKind;
  readonly room: string | null;
  /** First local day, YYYY-MM-DD. */
  readonly date: string | null;
  readonly days: number | null;
}

export interface FaultSchedule {
  /** Faults that are active at some time in [from, to), in order of their beginning. */
  during(from: number, to: number): readonly Fault[];
}

const blockSeconds = 10 * 86_400;
const blockFaultShare = 0.8;
const hoursMin = 20;
const hoursMax = 96;

/** Reads `KIND[:ROOM][@DATE[/DAYS]]`, such as `stuck-valve:room-203@2026-11-05/3`. Throws fault.order. */
export function parseFaultOrder(text: string): FaultOrder {
  const match = /^([a-z-]+)(?::([a-z0-9-]+))?(?:@(\d{4}-\d{2}-\d{2})(?:\/(\d{1,4}))?)?$/.exec(text);
  const kind = faultKinds.find((one) => one === match?.[1]);
  if (match === null || kind === undefined) {
    throw new SimulatorError(
      "fault.order",
      `expected KIND[:ROOM][@YYYY-MM-DD[/DAYS]] with KIND ${faultKinds.join(", ")}; got ${text}`,
    );
  }
  const [, , room = null, date = null, days] = match;
  return { kind, room, date, days: days === undefined ? null : Number(days) };
}

/** The faults that chance brings: in most runs of ten days one. */
export function seededFaults(plan: BuildingPlan, seed: number): FaultSchedule {
  const faultOf = (block: number): Fault | null => {
    const chance = stream(seed, plan.id, "fault", block);
    if (!chance.chance(blockFaultShare)) return null;
    const kind = faultKinds[chance.integer(0, faultKinds.length - 1)] ?? "stuck-valve";
    const room = drawRoom(plan, chance.next());
    const hours = chance.integer(hoursMin, hoursMax);
    const from = block * blockSeconds + chance.integer(0, blockSeconds / 3600 - hours) * 3600;
    return { kind, room: kind === "set-back-lost" ? null : room, from, to: from + hours * 3600 };
  };
  return {
    during(from, to) {
      const faults: Fault[] = [];
      for (let block = Math.floor(from / blockSeconds); block * blockSeconds < to; block++) {
        const fault = faultOf(block);
        if (fault !== null && fault.from < to && fault.to > from) faults.push(fault);
      }
      return faults;
    },
  };
}

/** The faults that were ordered, and no others. Throws fault.order for a room that is not there. */
export function orderedFaults(
  plan: BuildingPlan,
  seed: number,
  orders: readonly FaultOrder[],
): FaultSchedule {
  const here = zone(plan.zone);
  const faults = orders.map((order, index): Fault => {
    const named = plan.rooms.findIndex(({ id, sensed }) => sensed && id === order.room);
    if (order.room !== null && named < 0)
      throw new SimulatorError(
        "fault.order",
        `${order.room} is no room with sensors of ${plan.id}`,
      );
    const drawn = drawRoom(plan, stream(seed, plan.id, "fault order", index).next());
    const from = order.date === null ? 0 : midnight(order.date);
    const days = order.days;
    return {
      kind: order.kind,
      room: order.kind === "set-back-lost" ? null : order.room === null ? drawn : named,
      from,
      to: days === null ? Number.MAX_SAFE_INTEGER : from + days * 86_400,
    };
  });
  faults.sort((a, b) => a.from - b.from);
  return { during: (from, to) => faults.filter((fault) => fault.from < to && fault.to > from) };

  function midnight(date: string): number {
    const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
    const wall = { year, month, day, hour: 0, minute: 0, second: 0 };
    return instantIn(here, wall, 0) ?? Date.UTC(year, month - 1, day) / 1000;
  }
}

function drawRoom(plan: BuildingPlan, share: number): number {
  return Math.floor(share * plan.rooms.filter(({ sensed }) => sensed).length);
}
