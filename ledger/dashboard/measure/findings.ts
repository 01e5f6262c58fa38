// What needs attention, in words and gravest first, each with the page where it can be looked into.
import type { Alarm } from "../data/alarm-shapes.ts";
import type { Device, Gateway } from "../data/health-shapes.ts";
import type { Room, Utilization } from "../data/occupancy-shapes.ts";
import type { Building, Completeness } from "../data/shapes.ts";
import { buildingHref, placeHref } from "../location/route.ts";
import { formatAge, formatNumber, formatShare } from "./number.ts";
import { placeLabel } from "./place.ts";

export interface Finding {
  readonly weight: "act" | "look";
  readonly text: string;
  readonly href: string;
}

/** What is known of a building; null where the answer has not come or there is none. */
export interface Known {
  readonly building: Pick<Building, "id" | "name">;
  readonly alarms: readonly Alarm[] | null; // that are not closed, of all buildings
  readonly silent: readonly Device[] | null; // devices, of all buildings
  readonly gateways: readonly Gateway[] | null; // of all buildings
  readonly utilization: Utilization | null;
  readonly energy: Completeness | null; // of the main meters
  readonly rooms: readonly Room[] | null;
  readonly now: number; // ms, the ledger's time
}

const completeShareMin = 0.98;
const lagMsMax = 3_600_000;
const roomsNamedMax = 3;

/** Findings of one building. Nothing known finds nothing. */
export function findingsOf(known: Known): readonly Finding[] {
  const { id } = known.building;
  const found = [
    ...alarmsOpen(id, known.alarms ?? []),
    ...gatewaysAway(id, known.gateways ?? [], known.now),
    ...devicesSilent(id, known.silent ?? []),
    ...readingsMissing(id, known.energy),
    ...roomsOverfull(known.rooms ?? []),
    ...littleUsed(id, known.utilization),
  ];
  return found.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ weight }: Finding): number {
  return weight === "act" ? 0 : 1;
}

function alarmsOpen(building: string, alarms: readonly Alarm[]): Finding[] {
  const open = alarms.filter((alarm) => alarm.building === building && alarm.status === "open");
  const [first] = open;
  if (first === undefined) return [];
  const text =
    open.length === 1 ? `Alarm: ${first.title}` : `${formatNumber(open.length)} alarms are open`;
  return [{ weight: "act", text, href: `/alarms?building=${encodeURIComponent(building)}` }];
}

function gatewaysAway(building: string, gateways: readonly Gateway[], now: number): Finding[] {
  return gateways
    .filter((gateway) => gateway.building === building)
    .flatMap(({ id, status, anchoredAt }): Finding[] => {
      if (status !== "active")
        return [{ weight: "act", text: `Gateway ${id} is ${status}`, href: "/gateways" }];
      const lag = anchoredAt === null ? 0 : now - Date.parse(anchoredAt);
      if (lag <= lagMsMax) return [];
      const text = `Gateway ${id} has delivered nothing for ${formatAge(lag)}`;
      return [{ weight: "act", text, href: "/gateways" }];
    });
}

function devicesSilent(building: string, devices: readonly Device[]): Finding[] {
  const silent = devices.filter((device) => device.building === building);
  const [first] = silent;
  if (first === undefined) return [];
  const text =
    silent.length === 1
      ? `Device ${first.id} is silent`
      : `${formatNumber(silent.length)} devices are silent`;
  const href = `/devices?building=${encodeURIComponent(building)}&show=silent`;
  return [{ weight: "act", text, href }];
}

function readingsMissing(building: string, energy: Completeness | null): Finding[] {
  if (energy === null || energy.expected === 0) return [];
  if (energy.received / energy.expected >= completeShareMin) return [];
  const text = `Only ${formatShare(energy.received, energy.expected)} of the meter readings arrived`;
  return [{ weight: "look", text, href: buildingHref(building, "energy") }];
}

function roomsOverfull(rooms: readonly Room[]): Finding[] {
  const over = rooms.filter(
    ({ peakPersons, seats }) => peakPersons !== null && seats !== null && peakPersons > seats,
  );
  const [first] = over;
  if (first === undefined) return [];
  const names = over.slice(0, roomsNamedMax).map(placeLabel).join(", ");
  const more = over.length > roomsNamedMax ? ` and ${over.length - roomsNamedMax} more` : "";
  const href =
    over.length === 1 ? placeHref(first.place) : buildingHref(first.place.split("/")[0]!, "rooms");
  return [{ weight: "look", text: `More people than seats in ${names}${more}`, href }];
}

function littleUsed(building: string, utilization: Utilization | null): Finding[] {
  if (utilization === null || utilization.below60 !== true || utilization.rate === null) return [];
  const text = `Used to ${formatShare(utilization.rate, 1)} of its capacity, below 60 %`;
  return [{ weight: "look", text, href: buildingHref(building, "occupancy") }];
}
