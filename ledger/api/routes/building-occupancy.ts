// /api/v1/buildings/{id}/occupancy: persons present by step, by weekday and hour, by day, and utilization.

import { Type } from "typebox";
import { CivilTime } from "../../read-model/civil-time.ts";
import { QueryError } from "../../read-model/errors.ts";
import { occupancyMethod } from "../../read-model/measures/occupancy.ts";
import { iso, stepsOf } from "../../read-model/period.ts";
import {
  occupancyOf,
  occupancyWeek,
  type Scope,
  scopesOf,
} from "../../read-model/queries/occupancy.ts";
import {
  occupancyDays,
  personsMethod,
  utilizationOfDays,
} from "../../read-model/queries/occupancy-days.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { BuildingRecord, PointRecord } from "../../read-model/registry.ts";
import type { App } from "../app.ts";
import {
  Completeness,
  HourOfDay,
  Instant,
  LocalDate,
  Nullable,
  PeriodAnswer,
  PlacePath,
  refusals,
  Vouched,
  Weekday,
} from "./answers.ts";
import {
  askedOf,
  ById,
  isoOrNull,
  PeriodQuery,
  PeriodQuestion,
  type ReadSources,
  StepQuery,
  vouchedOf,
} from "./question.ts";

const Place = Type.String({
  ...PlacePath,
  description: "The building, or the floor or room asked for",
});

export const OccupancyAnswer = Type.Object({
  ...PeriodAnswer,
  place: Place,
  step: StepQuery,
  unit: Type.Literal("persons"),
  method: Type.String(),
  series: Type.Array(
    Type.Object({
      start: Instant,
      mean: Nullable(Type.Number()),
      peak: Nullable(Type.Number()),
      ...Completeness,
    }),
  ),
  total: Type.Object({
    mean: Nullable(Type.Number()),
    peak: Nullable(Type.Number()),
    peakAt: Nullable(Instant),
    ...Completeness,
  }),
  ...Vouched,
});

export const OccupancyWeekAnswer = Type.Object({
  ...PeriodAnswer,
  place: Place,
  cells: Type.Array(
    Type.Object({
      weekday: Weekday,
      hour: HourOfDay,
      mean: Nullable(
        Type.Number({ description: "Mean of the steps that began then and were heard" }),
      ),
      peak: Nullable(Type.Number()),
      steps: Type.Integer({ minimum: 0, description: "Steps that were heard" }),
      ...Completeness,
    }),
    { minItems: 168, maxItems: 168, description: "Sunday 0:00 first" },
  ),
  method: Type.String(),
  ...Vouched,
});

const DaySource = Type.Union([
  Type.Literal("badges"),
  Type.Literal("counters"),
  Type.Literal("disposition"),
]);

export const OccupancyDaysAnswer = Type.Object({
  ...PeriodAnswer,
  days: Type.Array(
    Type.Object({
      date: LocalDate,
      weekday: Weekday,
      reporting: Type.Boolean({
        description: "Monday to Friday, holidays included (GSA); weekends never count",
      }),
      whole: Type.Boolean({
        description: "The period holds the whole day, and it was over at the ledger's time",
      }),
      persons: Nullable(
        Type.Integer({
          minimum: 0,
          description:
            "Persons present that day; by counters it is the greatest number at one time",
        }),
      ),
      source: Nullable(DaySource),
      counterPeak: Nullable(Type.Number()),
      ...Completeness,
    }),
  ),
  utilization: Type.Object(
    {
      usableFt2: Nullable(Type.Number()),
      capacity: Nullable(Type.Number({ description: "usableFt2 / 150" })),
      meanPersons: Nullable(
        Type.Number({
          description: "Mean of persons over whole reporting days that have a figure",
        }),
      ),
      rate: Nullable(Type.Number({ description: "meanPersons / capacity" })),
      below60: Nullable(Type.Boolean()),
      days: Type.Integer({ minimum: 0, description: "Days that entered the mean" }),
      missingDays: Type.Integer({
        minimum: 0,
        description: "Whole reporting days without a figure; they are not in the mean",
      }),
      sources: Type.Array(DaySource),
    },
    { description: "USE IT Act, Pub. L. 118-272 div. B sec. 2302" },
  ),
  method: Type.String(),
  ...Vouched,
});

const PlaceQuery = {
  place: Type.Optional(
    Type.String({ ...PlacePath, description: "A floor or room; the whole building by default" }),
  ),
};
const StepsOfPlace = Type.Object(
  { ...PeriodQuery, ...PlaceQuery, step: Type.Optional(StepQuery) },
  { additionalProperties: false },
);
const PeriodOfPlace = Type.Object(
  { ...PeriodQuery, ...PlaceQuery },
  { additionalProperties: false },
);

/** Registers the routes; `app` carries the prefix. */
export function registerBuildingOccupancy(app: App, { readModel }: ReadSources): void {
  app.get(
    "/buildings/:id/occupancy",
    {
      schema: {
        tags: ["buildings"],
        summary: "Persons present by step",
        params: ById,
        querystring: StepsOfPlace,
        response: { 200: OccupancyAnswer, ...refusals },
      },
    },
    async (request) => {
      const { step = "PT1H", place } = request.query;
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const scope = await scopeNamed(readModel, building, points, place);
      const steps = stepsOf(period, step, building.zone);
      const { series, total } = await occupancyOf(readModel.store, scope, period, steps, now);
      return {
        ...opening,
        place: scope.place,
        step,
        unit: "persons" as const,
        method: occupancyMethod,
        series: series.map((item) => ({ ...item, start: iso(item.start) })),
        total: { ...total, peakAt: isoOrNull(total.peakAt) },
        ...(await vouchedOf(readModel, scope.counters, period)),
      };
    },
  );

  app.get(
    "/buildings/:id/occupancy/week",
    {
      schema: {
        tags: ["buildings"],
        summary: "Persons present by weekday and hour",
        params: ById,
        querystring: PeriodOfPlace,
        response: { 200: OccupancyWeekAnswer, ...refusals },
      },
    },
    async (request) => {
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const scope = await scopeNamed(readModel, building, points, request.query.place);
      const civil = new CivilTime(period, building.zone);
      return {
        ...opening,
        place: scope.place,
        cells: [...(await occupancyWeek(readModel.store, scope, period, civil, now))],
        method: occupancyMethod,
        ...(await vouchedOf(readModel, scope.counters, period)),
      };
    },
  );

  app.get(
    "/buildings/:id/occupancy/days",
    {
      schema: {
        tags: ["buildings"],
        summary: "Persons present by day, and utilization of the usable area",
        params: ById,
        querystring: PeriodQuestion,
        response: { 200: OccupancyDaysAnswer, ...refusals },
      },
    },
    async (request) => {
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const { store } = readModel;
      const registry = readModel.registry();
      const scope = await scopeNamed(readModel, building, points);
      const days = await occupancyDays(store, registry, building, scope, period, now);
      const { usableFt2 } = building;
      const { sources, ...utilization } = utilizationOfDays(days, usableFt2);
      // Readers tell of a passage and owe nothing; their events vouch for the figure as counters do.
      const readers = points.filter(({ kind }) => kind === "event");
      return {
        ...opening,
        days: [...days],
        utilization: { usableFt2, ...utilization, sources: [...sources] },
        method: personsMethod,
        ...(await vouchedOf(readModel, [...scope.counters, ...readers], period)),
      };
    },
  );
}

/** The scope of a place of the building, or of the building itself. Errors: `query.unknown`. */
async function scopeNamed(
  { store, registry }: ReadModel,
  building: BuildingRecord,
  points: readonly PointRecord[],
  place: string = building.id,
): Promise<Scope> {
  const within = (path: string): boolean => path === place || path.startsWith(`${place}/`);
  const known =
    place === building.id ||
    registry().places.get(place)?.building === building.id ||
    points.some((point) => within(point.place));
  if (!known) throw new QueryError("query.unknown", `place ${place} in ${building.id}`);
  return (await scopesOf(store, [place], points)).get(place)!;
}
