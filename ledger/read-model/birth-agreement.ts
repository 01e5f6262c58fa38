// A device's birth held against the registry, which is the authority: what differs is shown, not believed (FORMAT 1.1).

import type { Birth, BirthPoint } from "@muniment/core";
import type { PointRecord } from "./registry.ts";

/** In what a declared point differs from the registry. `point`: no such point is enrolled. */
export const DIFFERENCES = ["point", "unit", "brick"] as const;
type Difference = (typeof DIFFERENCES)[number];

export interface BirthAgreement {
  /** Whether every declared point agrees and none is missing. */
  readonly agrees: boolean;
  readonly points: readonly (BirthPoint & { readonly differs: readonly Difference[] })[];
  /** Names of enrolled points that the birth does not declare. */
  readonly missing: readonly string[];
}

/** Compares a birth with the device's enrolled points. A class counts only where both name one. */
export function birthAgreement(
  birth: Birth,
  enrolled: readonly Pick<PointRecord, "name" | "unit" | "brick">[],
): BirthAgreement {
  const points = birth.points.map((point) => ({ ...point, differs: differences(point, enrolled) }));
  const missing = enrolled
    .map(({ name }) => name)
    .filter((name) => !points.some((point) => point.name === name));
  const agrees = missing.length === 0 && points.every(({ differs }) => differs.length === 0);
  return { agrees, points, missing };
}

function differences(
  { name, unit, brick }: BirthPoint,
  enrolled: readonly Pick<PointRecord, "name" | "unit" | "brick">[],
): readonly Difference[] {
  const point = enrolled.find((candidate) => candidate.name === name);
  if (point === undefined) return ["point"];
  const classes = brick !== null && point.brick !== null && brick !== point.brick;
  return [
    ...(unit === point.unit ? [] : ["unit" as const]),
    ...(classes ? ["brick" as const] : []),
  ];
}
