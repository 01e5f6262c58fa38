// /api/v1/buildings/{id}/energy/baseline: what the weather explains of a building's energy, and what it does not.

import { Type } from "typebox";
import { baselineMethod } from "../../read-model/measures/baseline.ts";
import { cusumSign } from "../../read-model/measures/cusum.ts";
import { checkPeriod, iso } from "../../read-model/period.ts";
import { mainMeters } from "../../read-model/queries/energy.ts";
import { energyBaseline, weatherSensors } from "../../read-model/queries/energy-baseline.ts";
import type { App } from "../app.ts";
import {
  Completeness,
  Count,
  Instant,
  Nullable,
  PeriodAnswer,
  PointId,
  refusals,
  Vouched,
} from "./answers.ts";
import { askedOf, ById, instantOf, PeriodQuery, type ReadSources, vouchedOf } from "./question.ts";

export const EnergyBaselineAnswer = Type.Object({
  ...PeriodAnswer,
  baseline: Type.Object({
    from: Instant,
    to: Instant,
    days: Type.Integer({ minimum: 0, description: "Whole days in it that entered the fit" }),
    leftOut: Type.Integer({
      minimum: 0,
      description: "Days without a complete count of energy or without an outdoor temperature",
    }),
    twelveMonths: Type.Boolean({ description: "Whether it spans twelve months, as practice asks" }),
  }),
  weather: Type.Array(PointId, { description: "Outdoor air temperature sensors, averaged" }),
  model: Nullable(
    Type.Object(
      {
        interceptKwh: Type.Number({ description: "kWh a day" }),
        heatingKwhPerDegreeDay: Nullable(
          Type.Number({ description: "Null: the model has no such term" }),
        ),
        coolingKwhPerDegreeDay: Nullable(Type.Number()),
        heatingBaseCelsius: Nullable(Type.Number()),
        coolingBaseCelsius: Nullable(Type.Number()),
        r2: Nullable(Type.Number()),
        adjustedR2: Nullable(Type.Number()),
        cvRmse: Nullable(Type.Number()),
        nmbe: Nullable(Type.Number()),
      },
      {
        description:
          "kWh = intercept + heating × HDD + cooling × CDD; null while too few days can be fitted",
      },
    ),
  ),
  method: Type.String(),
  cusumSign: Type.Literal(cusumSign),
  days: Type.Array(
    Type.Object({
      date: Type.String({ format: "date" }),
      celsius: Nullable(Type.Number({ description: "Mean outdoor temperature of the local day" })),
      actualKwh: Nullable(Type.Number()),
      predictedKwh: Nullable(Type.Number()),
      cusumKwh: Nullable(
        Type.Number({
          description: "Running sum of actual − predicted over the complete days so far",
        }),
      ),
      ...Completeness,
    }),
  ),
  total: Type.Object({
    actualKwh: Nullable(Type.Number()),
    predictedKwh: Nullable(Type.Number()),
    savingsKwh: Nullable(
      Type.Number({ description: "predicted − actual, over the days that have both" }),
    ),
    days: Count,
  }),
  ...Vouched,
});

const Question = Type.Object(
  {
    ...PeriodQuery,
    baselineFrom: Type.Optional(
      Type.String({ ...Instant, description: "A year before `baselineTo` by default" }),
    ),
    baselineTo: Type.Optional(Type.String({ ...Instant, description: "`from` by default" })),
  },
  { additionalProperties: false },
);

/** Registers the route; `app` carries the prefix. */
export function registerEnergyBaseline(app: App, { readModel }: ReadSources): void {
  app.get(
    "/buildings/:id/energy/baseline",
    {
      schema: {
        tags: ["buildings"],
        summary: "Energy by day against a degree-day model of an earlier period",
        params: ById,
        querystring: Question,
        response: { 200: EnergyBaselineAnswer, ...refusals },
      },
    },
    async (request) => {
      const { baselineFrom, baselineTo } = request.query;
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const to = baselineTo === undefined ? period.from : instantOf(baselineTo);
      const from = baselineFrom === undefined ? aYearBefore(to) : instantOf(baselineFrom);
      const baseline = { from, to };
      checkPeriod(baseline);
      const meters = mainMeters(building.id, points);
      const weather = weatherSensors(points);
      const question = { building, meters, weather, period, baseline, now };
      const {
        model,
        days,
        total,
        baseline: fitted,
      } = await energyBaseline(readModel.store, question);
      return {
        ...opening,
        baseline: {
          ...{ from: iso(from), to: iso(to) },
          ...fitted,
          twelveMonths: from <= aYearBefore(to),
        },
        weather: weather.map(({ id }) => id),
        model: model && {
          interceptKwh: model.intercept,
          heatingKwhPerDegreeDay: model.heating?.slope ?? null,
          coolingKwhPerDegreeDay: model.cooling?.slope ?? null,
          heatingBaseCelsius: model.heating?.base ?? null,
          coolingBaseCelsius: model.cooling?.base ?? null,
          ...{ r2: model.r2, adjustedR2: model.adjustedR2 },
          ...{ cvRmse: model.cvRmse, nmbe: model.nmbe },
        },
        method: baselineMethod,
        cusumSign,
        days: [...days],
        total,
        ...(await vouchedOf(readModel, [...meters, ...weather], period)),
      };
    },
  );
}

function aYearBefore(at: number): number {
  const date = new Date(at);
  date.setUTCFullYear(date.getUTCFullYear() - 1);
  return date.getTime();
}
