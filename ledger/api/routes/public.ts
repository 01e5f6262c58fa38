// /api/v1/public: what anybody may see, by building and day only, with small counts withheld.

import { Type } from "typebox";
import { publicPersonsMin } from "../../read-model/measures/small-counts.ts";
import { iso } from "../../read-model/period.ts";
import { mainMeters } from "../../read-model/queries/energy.ts";
import { scopesOf } from "../../read-model/queries/occupancy.ts";
import { personsMethod } from "../../read-model/queries/occupancy-days.ts";
import { publicDays } from "../../read-model/queries/public-days.ts";
import type { App } from "../app.ts";
import {
  Completeness,
  Id,
  Instant,
  LocalDate,
  Nullable,
  Page,
  Paging,
  PeriodAnswer,
  refusals,
  Weekday,
} from "./answers.ts";
import { pageById } from "./paging.ts";
import { askedOf, ById, PeriodQuestion, type ReadSources } from "./question.ts";

export const PublicBuildings = Page(
  Type.Object({
    id: Id,
    name: Type.String(),
    zone: Type.String(),
    grossFt2: Nullable(Type.Number()),
    usableFt2: Nullable(Type.Number()),
  }),
);

export const PublicDaysAnswer = Type.Object({
  ...PeriodAnswer,
  k: Type.Integer({ description: "No count of fewer persons is shown" }),
  releasedTo: Type.String({
    ...Instant,
    description: "Days are released by whole weeks (Monday to Sunday), once a week is over",
  }),
  days: Type.Array(
    Type.Object({
      date: LocalDate,
      weekday: Weekday,
      reporting: Type.Boolean(),
      persons: Nullable(Type.Integer({ minimum: 0 })),
      suppressed: Type.Boolean({
        description:
          "There is a figure and it is withheld: it is small, or would give a small one away",
      }),
      kwh: Nullable(Type.Number()),
      energy: Type.Object(Completeness),
    }),
  ),
  weeks: Type.Array(
    Type.Object({
      from: LocalDate,
      personDays: Nullable(
        Type.Integer({
          minimum: 0,
          description:
            "Sum of persons over the reporting days that have a figure, withheld ones included",
        }),
      ),
      days: Type.Integer({
        minimum: 0,
        maximum: 5,
        description: "Reporting days that have a figure",
      }),
    }),
    { description: "Weeks that lie whole in the period" },
  ),
  utilization: Type.Object({
    capacity: Nullable(Type.Number()),
    meanPersons: Nullable(Type.Number()),
    rate: Nullable(Type.Number()),
    below60: Nullable(Type.Boolean()),
    days: Type.Integer({ minimum: 0 }),
  }),
  method: Type.String(),
});

/** Registers the routes; `app` carries the prefix. */
export function registerPublic(app: App, { readModel }: ReadSources): void {
  app.get(
    "/public/buildings",
    {
      schema: {
        tags: ["public"],
        summary: "Buildings of which days are public, by id",
        querystring: Type.Object(Paging, { additionalProperties: false }),
        response: { 200: PublicBuildings, ...refusals },
      },
    },
    async (request) => {
      const { items, next } = pageById(readModel.registry().buildings.values(), request.query);
      return {
        items: items.map(({ id, name, zone, grossFt2, usableFt2 }) => ({
          ...{ id, name, zone, grossFt2, usableFt2 },
        })),
        next,
      };
    },
  );

  app.get(
    "/public/buildings/:id/days",
    {
      schema: {
        tags: ["public"],
        summary: "Persons and energy by day, small counts withheld",
        params: ById,
        querystring: PeriodQuestion,
        response: { 200: PublicDaysAnswer, ...refusals },
      },
    },
    async (request) => {
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const { store } = readModel;
      const registry = readModel.registry();
      const scope = (await scopesOf(store, [building.id], points)).get(building.id)!;
      const meters = mainMeters(building.id, points);
      const question = { building, registry, scope, meters, period, now };
      const { releasedTo, days, weeks, utilization } = await publicDays(store, question);
      return {
        ...opening,
        k: publicPersonsMin,
        releasedTo: iso(releasedTo),
        days: days.map(({ received, expected, ...day }) => ({
          ...day,
          energy: { received, expected },
        })),
        weeks: [...weeks],
        utilization,
        method: personsMethod,
      };
    },
  );
}
