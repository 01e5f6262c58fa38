// What devices say of themselves, as questions ask for it: the last statement, clock, state and birth of each.

import type { Birth, DeviceState } from "@muniment/core";
import type { SayingName, SayingRow } from "../device-says.ts";
import type { Store } from "../store.ts";

/** Something that a device said: when (ms), and the entry that shows it. */
export interface Said<Value> {
  readonly value: Value;
  readonly at: number;
  /** Number of the gateway. */
  readonly gateway: number;
  readonly index: number;
}

/** What a device says of itself; null where it has said nothing. */
export interface Sayings {
  /** Its last counted statement, of whatever kind; the value tells whether the device had a clock then. */
  readonly statement: Said<"none" | "set"> | null;
  readonly birth: Said<Birth> | null;
  readonly state: Said<NonNullable<DeviceState["state"]>> | null;
  readonly clock: Said<NonNullable<DeviceState["clock"]>> | null;
  readonly uptime: Said<number> | null;
  readonly battery: Said<number> | null;
  readonly resets: Said<number> | null;
}

/** The sayings of devices, by device; one that never spoke is absent. */
export async function sayingsOf(
  store: Store,
  devices: readonly string[],
): Promise<ReadonlyMap<string, Sayings>> {
  const byDevice = new Map<string, SayingRow[]>();
  for (const row of await store.sayings(devices))
    byDevice.set(row.device, [...(byDevice.get(row.device) ?? []), row]);
  return new Map([...byDevice].map(([device, rows]) => [device, sayingsFrom(rows)]));
}

function sayingsFrom(rows: readonly SayingRow[]): Sayings {
  const said = <Value>(name: SayingName): Said<Value> | null => {
    const row = rows.find((candidate) => candidate.name === name);
    if (row === undefined) return null;
    const { t, gateway, index, says } = row;
    return { value: JSON.parse(says) as Value, at: t, gateway, index };
  };
  const statement = said<"none" | "set">("statement");
  return {
    statement,
    birth: said("birth"),
    state: said("state"),
    clock: clockOf(statement, said("clock")),
    uptime: said("uptime"),
    battery: said("battery"),
    resets: said("resets"),
  };
}

/** The last statement tells whether there was a clock, for it has a time or none; what was said of it tells how good it is. */
function clockOf(
  statement: Said<"none" | "set"> | null,
  clock: Sayings["clock"],
): Sayings["clock"] {
  const contradicted = clock === null || (clock.value === "none") !== (statement?.value === "none");
  return contradicted ? statement : clock;
}
