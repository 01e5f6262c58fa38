// What the routes of the read model need, and the parts that many questions to them share.

import { Type } from "typebox";
import { QueryError } from "../../read-model/errors.ts";
import { checkPeriod, iso, type Period } from "../../read-model/period.ts";
import { clocklessCount } from "../../read-model/queries/clockless.ts";
import { type ReadingsByTrust, readingsByTrust } from "../../read-model/queries/series.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { BuildingRecord, PointRecord } from "../../read-model/registry.ts";
import { hourMs } from "../../read-model/schema.ts";
import type { EntrySource, LedgerSource } from "../../read-model/sources.ts";
import { STEPS, type Step } from "../../read-model/steps.ts";
import { Id, Instant } from "./answers.ts";

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
    Type.String({
      ...Instant,
      description: "End, exclusive; by default the ledger's time, to the next full hour",
    }),
  ),
};
export const StepQuery = Type.Unsafe<Step>({
  type: "string",
  enum: [...STEPS],
  description: "ISO 8601 duration; days and months are those of the building's time zone",
});

/** A question for figures of one building. */
export const ById = Type.Object({ id: Id });
export const PeriodQuestion = Type.Object(PeriodQuery, { additionalProperties: false });
export const StepsQuestion = Type.Object(
  { ...PeriodQuery, step: Type.Optional(StepQuery) },
  { additionalProperties: false },
);

const weekMs = 7 * 86_400_000;

/** The period of a question; `now` is the ledger's time in ms. Errors: `query.period`. */
export function periodOf(
  query: { readonly from?: string; readonly to?: string },
  now: number,
): Period {
  // To the full hour, so that the roll-ups serve; nothing is owed after the ledger's time.
  const to = query.to === undefined ? Math.ceil(now / hourMs) * hourMs : instantOf(query.to);
  return { from: query.from === undefined ? to - weekMs : instantOf(query.from), to };
}

/** Milliseconds since 1970 of RFC 3339. It allows a leap second, the calendar of this runtime does not. */
export function instantOf(text: string): number {
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

/** A question about a building, and what every answer opens with. Errors: `query.unknown`, `query.period`, `query.range`. */
export function askedOf(
  readModel: ReadModel,
  id: string,
  query: { readonly from?: string; readonly to?: string },
) {
  const building = buildingNamed(readModel, id);
  const now = readModel.applied().time;
  const period = periodOf(query, now);
  checkPeriod(period);
  const opening = {
    building: building.id,
    zone: building.zone,
    from: iso(period.from),
    to: iso(period.to),
  };
  return { building, points: pointsIn(readModel, building.id), period, now, opening };
}

/** Who vouches for the readings of points in a period, as answers show it. */
export async function vouchedOf(
  { store }: ReadModel,
  points: readonly PointRecord[],
  period: Period,
): Promise<{ readonly trust: ReadingsByTrust; readonly clockless: number }> {
  return {
    trust: await readingsByTrust(store, points, period),
    clockless: await clocklessCount(store, points, period),
  };
}

/** RFC 3339 of an instant that may be missing. */
export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
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
