// What the routes of the read model need, and the parts that many questions to them share.

import { Type } from "typebox";
import { QueryError } from "../../read-model/errors.ts";
import type { Period } from "../../read-model/period.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { BuildingRecord, PointRecord } from "../../read-model/registry.ts";
import type { EntrySource, LedgerSource } from "../../read-model/sources.ts";
import { STEPS, type Step } from "../../read-model/steps.ts";
import { Instant } from "./answers.ts";

/** What the routes read from. */
export interface ReadSources {
  readonly readModel: ReadModel;
  readonly consensus: LedgerSource;
  readonly archive: EntrySource;
}

export const PeriodQuery = {
  from: Type.Optional(
    Type.String({ ...Instant, description: "Start, inclusive; seven days before `to` by default" }),
  ),
  to: Type.Optional(
    Type.String({ ...Instant, description: "End, exclusive; the ledger's time by default" }),
  ),
};
export const StepQuery = Type.Unsafe<Step>({
  type: "string",
  enum: [...STEPS],
  description: "ISO 8601 duration; days and months are those of the building's time zone",
});

const weekMs = 7 * 86_400_000;

/** The period of a question; `now` is the ledger's time in ms. Errors: `query.period`. */
export function periodOf(
  query: { readonly from?: string; readonly to?: string },
  now: number,
): Period {
  const to = query.to === undefined ? now : instantOf(query.to);
  return { from: query.from === undefined ? to - weekMs : instantOf(query.from), to };
}

/** RFC 3339 allows a leap second, the calendar of this runtime does not. */
function instantOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new QueryError("query.period", text);
  return ms;
}

/** A building by id: else `query.unknown`. */
export function buildingNamed(readModel: ReadModel, id: string): BuildingRecord {
  const building = readModel.registry().buildings.get(id);
  if (building === undefined) throw new QueryError("query.unknown", `building ${id}`);
  return building;
}

/** A point by id: else `query.unknown`. */
export function pointNamed(readModel: ReadModel, id: string): PointRecord {
  const point = readModel.registry().points.get(id);
  if (point === undefined) throw new QueryError("query.unknown", `point ${id}`);
  return point;
}

/** The points of a building, by id. */
export function pointsIn(readModel: ReadModel, building: string): readonly PointRecord[] {
  return [...readModel.registry().points.values()]
    .filter((point) => point.building === building)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
