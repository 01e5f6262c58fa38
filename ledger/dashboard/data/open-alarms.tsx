// The open alarms of all buildings, asked for once and shown in several places of a page.
import { createContext, type ReactNode, useContext } from "react";
import type { Alarm } from "./alarm-shapes.ts";
import { type Items, useItems } from "./use-items.ts";
import type { Resource } from "./use-resource.ts";

const unasked: Resource<Items<Alarm>> = {
  value: null,
  problem: null,
  busy: true,
  retry: () => undefined,
};
const OpenAlarms = createContext(unasked);

/** Stands around everything that shows alarms. */
export function OpenAlarmsProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const alarms = useItems<Alarm>("/api/v1/alarms?status=open");
  return <OpenAlarms value={alarms}>{children}</OpenAlarms>;
}

/** The alarms that nobody has acknowledged yet. */
export function useOpenAlarms(): Resource<Items<Alarm>> {
  return useContext(OpenAlarms);
}
