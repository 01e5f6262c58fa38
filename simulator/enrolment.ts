// Puts the simulated building on the ledger: its facts, places and hours, the bridge of its serial line, and every device with its key.
import { join } from "node:path";
import type { Signer } from "@muniment/core";
import { loadOrCreateKey, makeDirectory } from "@muniment/core/files";
import { type DeviceFacts, deviceUrn } from "./devices.ts";
import { openRegistrar, type PlaceFacts, type Registrar } from "./registrar.ts";
import { yearOf } from "./world/calendar.ts";
import { type BuildingPlan, registeredHolidays } from "./world/plan.ts";

export interface EnrolmentConfig {
  readonly data: string;
  readonly ledger: string;
  readonly plan: BuildingPlan;
  readonly devices: readonly { readonly facts: DeviceFacts; readonly signer: Signer }[];
  /** Id of the bridge that some devices are bound to, or null. */
  readonly bridge: string | null;
  /** When the simulated life begins, unix seconds. */
  readonly start: number;
}

/** Years for which holidays are registered, after that of the start. */
const holidayYears = 10;

/** Registers what the ledger does not know yet; how many devices were new. */
export async function enrolBuilding(config: EnrolmentConfig): Promise<number> {
  const { data, ledger, plan, devices, bridge } = config;
  const registrar = await openRegistrar(join(data, "keys", "operator.pem"), ledger);
  await registerBuilding(registrar, plan, config.start);
  await registrar.places(plan.id, placesOf(plan));
  let created = 0;
  if (bridge !== null) {
    // The first: nothing can be bound to what is not enrolled. Its key is for what it may one day sign itself (F10).
    const folder = join(data, "bridges", bridge);
    await makeDirectory(folder);
    const { publicKey } = await loadOrCreateKey(join(folder, "bridge.pem"));
    const facts = {
      ...{ device: bridge, building: plan.id, place: `${plan.id}/floor-1/plant` },
      ...{ urn: deviceUrn(bridge), points: [] },
    };
    if (await registrar.device(facts, publicKey)) created++;
  }
  for (const { facts, signer } of devices) {
    if (await registrar.device(facts, signer.publicKey)) created++;
  }
  return created;
}

/** Registers the building's facts, hours and holidays from the year of `start` (unix seconds) on. */
export async function registerBuilding(
  registrar: Registrar,
  plan: BuildingPlan,
  start: number,
): Promise<void> {
  const year = yearOf(start / 86_400);
  await registrar.building({
    building: plan.id,
    name: plan.name,
    zone: plan.zone,
    grossFt2: plan.grossFt2,
    usableFt2: plan.usableFt2,
    address: plan.address,
    hours: plan.hours,
    holidays: registeredHolidays(year, year + holidayYears),
  });
}

function placesOf(plan: BuildingPlan): readonly PlaceFacts[] {
  const floors = Array.from({ length: plan.floors }, (_, index): PlaceFacts => {
    const rooms = plan.rooms.filter(({ floor }) => floor === index + 1);
    return {
      place: `${plan.id}/floor-${index + 1}`,
      kind: "floor",
      label: `Floor ${index + 1}`,
      usableFt2: rooms.reduce((sum, { usableFt2 }) => sum + (usableFt2 ?? 0), 0),
    };
  });
  const rooms = plan.rooms.map(
    ({ place, use, label, usableFt2, seats }): PlaceFacts => ({
      ...{ place, kind: "room", use, label },
      ...(usableFt2 === null ? {} : { usableFt2 }),
      ...(seats === 0 ? {} : { seats }),
    }),
  );
  return [
    ...floors,
    ...rooms,
    { place: `${plan.id}/outside`, kind: "outside", label: "Roof and grounds" },
  ];
}
