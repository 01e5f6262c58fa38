// Device state: how a device does, said in records of its own statement (FORMAT 1.2).

import { FormatError } from "./errors.ts";
import type { SenmlRecord } from "./senml.ts";

/** What the names of a state's records begin with. */
export const STATE_PREFIX = "device/";
const NAME = /^device\/[a-z0-9-]{1,64}$/;

export const DEVICE_STATES = ["ready", "sleeping", "alert", "stopping"] as const;
/** `none`: it has no clock. `set`: it was told the time once. `synced`: it is told the time regularly. */
export const DEVICE_CLOCKS = ["none", "set", "synced"] as const;

/** What a device says of itself; it says what it likes of this, and at least one thing. */
export interface DeviceState {
  readonly state?: (typeof DEVICE_STATES)[number];
  readonly clock?: (typeof DEVICE_CLOCKS)[number];
  /** Seconds since it started. */
  readonly uptime?: number;
  /** Battery, 0 to 100 percent. */
  readonly battery?: number;
  /** How often it has started. */
  readonly resets?: number;
}

/** The names of numbers, their unit, and the most they can be. */
const NUMBERS: readonly (readonly [
  name: "uptime" | "battery" | "resets",
  unit: string,
  max: number,
])[] = [
  ["uptime", "s", Number.MAX_SAFE_INTEGER],
  ["battery", "%EL", 100],
  ["resets", "count", Number.MAX_SAFE_INTEGER],
];

/** The records of a state, all of one time: seconds since 1970, or 0 from a device without a clock. */
export function stateRecords(state: DeviceState, time: number): SenmlRecord[] {
  const records: SenmlRecord[] = [];
  for (const name of ["state", "clock"] as const) {
    const value = state[name];
    if (value !== undefined) records.push({ name: STATE_PREFIX + name, value, time });
  }
  for (const [name, unit] of NUMBERS) {
    const value = state[name];
    if (value !== undefined) records.push({ name: STATE_PREFIX + name, unit, value, time });
  }
  return records;
}

/** Reads the records of a state; else `statement.state`. Names that are not known here are passed over: a later
 * program may say more, and what it says then still counts. */
export function readState(records: readonly SenmlRecord[]): DeviceState {
  const said = new Map<string, SenmlRecord>();
  for (const record of records) {
    if (!NAME.test(record.name)) refuse(record.name, "device/ and a name of [a-z0-9-]");
    if (said.has(record.name)) refuse(record.name, "each name once");
    said.set(record.name, record);
  }
  const state: { -readonly [name in keyof DeviceState]: DeviceState[name] } = {
    ...word(said, "state", DEVICE_STATES),
    ...word(said, "clock", DEVICE_CLOCKS),
  };
  for (const [name, unit, max] of NUMBERS) {
    const record = said.get(STATE_PREFIX + name);
    if (record !== undefined) state[name] = number(record, unit, max);
  }
  return state;
}

function word<Name extends "state" | "clock", Word extends string>(
  said: ReadonlyMap<string, SenmlRecord>,
  name: Name,
  words: readonly Word[],
): { readonly [key in Name]?: Word } {
  const record = said.get(STATE_PREFIX + name);
  if (record === undefined) return {};
  const found = words.find((candidate) => candidate === record.value);
  if (found === undefined || record.unit !== undefined || record.sum !== undefined)
    refuse(record.name, words.join(", "));
  return { [name]: found } as { readonly [key in Name]?: Word };
}

function number({ name, unit: own, value, sum }: SenmlRecord, unit: string, max: number): number {
  const fits = typeof value === "number" && value >= 0 && value <= max;
  if (!fits || (own ?? unit) !== unit || sum !== undefined) refuse(name, `0 to ${max} ${unit}`);
  return value;
}

function refuse(name: string, expected: string): never {
  throw new FormatError("statement.state", `expected ${expected}, in ${name}`);
}
