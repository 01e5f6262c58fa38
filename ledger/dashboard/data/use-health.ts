// What is the matter right now in all buildings: alarms, devices and gateways, and the ledger's time to judge them by.
import type { Alarm } from "./alarm-shapes.ts";
import type { Device, Gateway } from "./health-shapes.ts";
import { useLive } from "./live.ts";
import { useOpenAlarms } from "./open-alarms.tsx";
import { type Items, useItems } from "./use-items.ts";
import type { Resource } from "./use-resource.ts";

export interface Health {
  /** Those that are open. */
  readonly alarms: Resource<Items<Alarm>>;
  readonly silent: Resource<Items<Device>>;
  readonly gateways: Resource<Items<Gateway>>;
  readonly now: number; // ms
}

/** Three questions about everything; views pick what concerns them. */
export function useHealth(): Health {
  const { asOf } = useLive();
  return {
    alarms: useOpenAlarms(),
    silent: useItems<Device>("/api/v1/devices?silent=true"),
    gateways: useItems<Gateway>("/api/v1/gateways"),
    now: asOf === null ? Date.now() : Date.parse(asOf),
  };
}
