// Births: a device declares its points, their units and their Brick classes in records of its own statement (FORMAT 1.1).

import { FormatError } from "./errors.ts";
import type { SenmlRecord } from "./senml.ts";

/** What the names of a birth's records begin with; names of points hold no "/". */
export const BIRTH_PREFIX = "birth/";
/** The record without a unit: which start of the device, or which program, this birth speaks of. */
const BOOT_RECORD = `${BIRTH_PREFIX}boot`;
const BOOT = /^[ -~]{1,128}$/;
/** The name of a point, as the ledger enrols it. */
const POINT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const CLASS = /^([A-Za-z][A-Za-z0-9_:-]{0,127})?$/;

/** A point as its device declares it. */
export interface BirthPoint {
  readonly name: string;
  /** A unit that the SenML registry knows (FORMAT 1). */
  readonly unit: string;
  /** Brick class, such as `Zone_Air_Temperature_Sensor`; null when the device names none. */
  readonly brick: string | null;
}

/** What a device declares of itself. The registry stays the authority: a birth that differs is shown, not believed. */
export interface Birth {
  readonly points: readonly BirthPoint[];
  /** A boot counter, a version of the program, or both: 1 to 128 characters, as the device likes. */
  readonly boot: string | null;
}

/** The records of a birth, all of one time: seconds since 1970, or 0 from a device without a clock. */
export function birthRecords({ points, boot }: Birth, time: number): SenmlRecord[] {
  const records: SenmlRecord[] = points.map(({ name, unit, brick }) => ({
    name: BIRTH_PREFIX + name,
    unit,
    value: brick ?? "",
    time,
  }));
  return boot === null ? records : [...records, { name: BOOT_RECORD, value: boot, time }];
}

/** Reads the records of a birth; else `statement.birth`. */
export function readBirth(records: readonly SenmlRecord[]): Birth {
  const points: BirthPoint[] = [];
  let boot: string | null = null;
  for (const { name, unit, value, sum } of records) {
    if (typeof value !== "string" || sum !== undefined) refuse(name, "text, and no sum");
    if (unit === undefined) {
      if (name !== BOOT_RECORD || boot !== null) refuse(name, "a unit, or birth/boot once");
      if (!BOOT.test(value)) refuse(name, "1 to 128 printable characters");
      boot = value;
      continue;
    }
    const point = name.slice(BIRTH_PREFIX.length);
    if (!POINT_NAME.test(point)) refuse(name, "the name of a point");
    if (points.some((other) => other.name === point)) refuse(name, "each point once");
    if (!CLASS.test(value)) refuse(name, "the name of a class, or nothing");
    points.push({ name: point, unit, brick: value === "" ? null : value });
  }
  return { points, boot };
}

function refuse(name: string, expected: string): never {
  throw new FormatError("statement.birth", `expected ${expected}, in ${name}`);
}
