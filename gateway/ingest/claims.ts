// What a statement claims, held against what its key is enrolled for. Pure (life of a reading 2).

import type { SenmlRecord } from "@muniment/core";
import type { EnrolledPoint, KeyRecord } from "../ports.ts";

/** The part of a key record that the claims are held against. */
export type Enrolment = Pick<KeyRecord, "urn" | "place" | "points">;

export type ClaimCode = "wrong-issuer" | "wrong-subject" | "unknown-point" | "unit-mismatch";

/** The first claim that differs from the enrolment, as a code; null when all agree. */
export function checkClaims(
  statement: { readonly iss: string; readonly sub: string },
  records: readonly SenmlRecord[],
  enrolment: Enrolment,
): ClaimCode | null {
  if (statement.iss !== enrolment.urn) return "wrong-issuer";
  if (statement.sub !== enrolment.place) return "wrong-subject";
  for (const { name, unit } of records) {
    const point = enrolment.points.find((candidate) => candidate.name === name);
    if (point === undefined) return "unknown-point";
    if (!unitAgrees(unit, point)) return "unit-mismatch";
  }
  return null;
}

/** An event (a door that opens) may go without a unit; a quantity may not. */
function unitAgrees(unit: string | undefined, point: EnrolledPoint): boolean {
  return unit === undefined ? point.kind === "event" || point.unit === "" : unit === point.unit;
}
