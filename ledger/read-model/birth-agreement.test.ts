// A birth against the registry: every way to differ, and none.

import type { BirthPoint } from "@muniment/core";
import { expect, test } from "vitest";
import { birthAgreement } from "./birth-agreement.ts";

const enrolled = [
  { name: "temp", unit: "Cel", brick: "Zone_Air_Temperature_Sensor" },
  { name: "energy", unit: "J", brick: null },
];
const temp = { name: "temp", unit: "Cel", brick: "Zone_Air_Temperature_Sensor" };
const energy = { name: "energy", unit: "J", brick: "Electrical_Meter" };
const agreement = (...points: readonly BirthPoint[]) =>
  birthAgreement({ points, boot: null }, enrolled);

test("a birth agrees point by point; a class that only one side names is no difference", () => {
  expect(agreement(temp, energy)).toEqual({
    agrees: true,
    points: [
      { ...temp, differs: [] },
      { ...energy, differs: [] },
    ],
    missing: [],
  });
  expect(agreement({ ...temp, brick: null }, energy).agrees).toBe(true);
});

test("units, classes, unknown and missing points are shown", () => {
  const { agrees, points, missing } = agreement(
    { ...temp, unit: "K", brick: "Zone_CO2_Level_Sensor" },
    { ...temp, name: "humidity" },
  );
  expect(agrees).toBe(false);
  expect(points.map(({ name, differs }) => [name, differs])).toEqual([
    ["temp", ["unit", "brick"]],
    ["humidity", ["point"]],
  ]);
  expect(missing).toEqual(["energy"]);
  expect(agreement(temp)).toMatchObject({ agrees: false, missing: ["energy"] });
});
