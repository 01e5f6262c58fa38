// Births (FORMAT 1.1): what is declared is read back, and each rule refuses.

import { expect, test } from "vitest";
import { type Birth, birthRecords, readBirth } from "./birth.ts";
import { decodePack, encodePack, type SenmlRecord } from "./senml.ts";

const T = 1_767_225_600;
const birth: Birth = {
  points: [
    { name: "temperature", unit: "Cel", brick: "Zone_Air_Temperature_Sensor" },
    { name: "energy", unit: "J", brick: "brick:Electrical_Energy_Usage_Sensor" },
    { name: "door", unit: "count", brick: null },
    { name: "boot", unit: "count", brick: null },
  ],
  boot: "start 17, version 1.2.0",
};
const record = (change: Partial<SenmlRecord>): SenmlRecord => ({
  name: "birth/a",
  unit: "W",
  value: "Electric_Power_Sensor",
  time: T,
  ...change,
});
const withoutUnit = (name: string, value: string): SenmlRecord => ({ name, value, time: T });

test("a birth is read as it was declared, with a clock and without, and though a point is named boot", () => {
  for (const time of [T, 0]) {
    const records = birthRecords(birth, time);
    expect(readBirth(decodePack(encodePack(records)))).toEqual(birth);
    expect(records.every((one) => one.time === time)).toBe(true);
  }
  expect(readBirth(birthRecords({ points: [], boot: "1" }, T))).toEqual({ points: [], boot: "1" });
});

test.each<[string, readonly SenmlRecord[]]>([
  ["a number for a class", [record({ value: 21 })]],
  ["no value", [{ name: "birth/a", unit: "W", sum: 1, time: T }]],
  ["a sum beside the class", [record({ sum: 1 })]],
  ["no unit", [withoutUnit("birth/a", "Electric_Power_Sensor")]],
  ["a point twice", [record({}), record({})]],
  ["boot twice", [withoutUnit("birth/boot", "1"), withoutUnit("birth/boot", "2")]],
  ["an empty boot", [withoutUnit("birth/boot", "")]],
  ["a boot of other characters", [withoutUnit("birth/boot", "1\n2")]],
  ["no name of a point", [record({ name: "birth/" })]],
  ["a name below a point", [record({ name: "birth/a/b" })]],
  ["a name no point may have", [record({ name: "birth/a.b" })]],
  ["a name of 65 characters", [record({ name: `birth/${"a".repeat(65)}` })]],
  ["a class of two words", [record({ value: "Power Sensor" })]],
])("%s is refused", (_, records) => {
  expect(() => readBirth(records)).toThrow(expect.objectContaining({ code: "statement.birth" }));
});
