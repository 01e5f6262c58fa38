// /api/v1/buildings/{id}/energy: what the main meters counted, by step, and the profile of a period.

import { Type } from "typebox";
import { iso, stepsOf } from "../../read-model/period.ts";
import { energyOf, mainMeters, metersOf } from "../../read-model/queries/energy.ts";
import { energyProfile } from "../../read-model/queries/energy-profile.ts";
import type { App } from "../app.ts";
import {
  Completeness,
  HourOfDay,
  Instant,
  Nullable,
  PeriodAnswer,
  PointId,
  refusals,
  Vouched,
  Weekday,
} from "./answers.ts";
import {
  askedOf,
  ById,
  isoOrNull,
  PeriodQuestion,
  type ReadSources,
  StepQuery,
  StepsQuestion,
  vouchedOf,
} from "./question.ts";

const Counted = {
  ...Completeness,
  gaps: Type.Integer({
    minimum: 0,
    description: "Counter intervals longer than declared: their total is counted where they start",
  }),
  resets: Type.Integer({
    minimum: 0,
    description: "Counter resets: what was consumed meanwhile is not counted",
  }),
};
const Kw = Type.Number({ description: "Kilowatts, mean over one demand interval" });

export const EnergyAnswer = Type.Object({
  ...PeriodAnswer,
  step: StepQuery,
  unit: Type.Literal("kWh"),
  meters: Type.Array(PointId, { description: "The main meters that were counted" }),
  series: Type.Array(
    Type.Object({
      start: Instant,
      kwh: Nullable(Type.Number()),
      peakKw: Nullable(Kw),
      ...Counted,
    }),
  ),
  total: Type.Object({
    kwh: Nullable(Type.Number()),
    peakKw: Nullable(Kw),
    peakAt: Nullable(Instant),
    loadFactor: Nullable(Type.Number()),
    ...Counted,
  }),
  ...Vouched,
});

const Uses = Type.Array(
  Type.Object({
    point: PointId,
    label: Nullable(Type.String()),
    brick: Nullable(Type.String()),
    kwh: Nullable(Type.Number()),
    share: Nullable(Type.Number({ description: "Of the main meters' kWh, 0 to 1" })),
    ...Counted,
  }),
  { description: "Sub-meters: they measure again what the main meters measured" },
);

const Cost = Type.Object(
  {
    cents: Type.Integer({ description: "The sum of the lines, to the cent" }),
    currency: Type.String(),
    lines: Type.Array(
      Type.Object({
        from: Instant,
        to: Instant,
        name: Type.String(),
        cents: Type.Integer(),
      }),
      {
        description:
          "One a charge and bill: civil months, cut at the period and where the tariff changes",
      },
    ),
    tariffs: Type.Array(
      Type.Object({
        from: Type.String({ ...Instant, description: "In force from" }),
        name: Type.String(),
        citation: Type.String(),
        version: Type.String({
          description: "SHA-256 of the policy value (deterministic CBOR), hex",
        }),
      }),
    ),
    version: Type.String({
      description: "The version when one tariff applied, else the SHA-256 over all of them, hex",
    }),
  },
  {
    description:
      "What the metered energy costs under the policy tariff.electricity; gaps are not filled",
  },
);

export const EnergyProfileAnswer = Type.Object({
  ...PeriodAnswer,
  meters: Type.Array(PointId),
  demandIntervalMs: Type.Integer({
    minimum: 900_000,
    description: "The longest declared interval of the main meters, at least a quarter of an hour",
  }),
  kwh: Nullable(Type.Number()),
  baseKw: Nullable(
    Type.Number({
      description: "2.5th percentile of the demand intervals (Hyndman and Fan type 7)",
    }),
  ),
  peakLoadKw: Nullable(
    Type.Number({
      description: "97.5th percentile of the demand intervals (Hyndman and Fan type 7)",
    }),
  ),
  baseToPeak: Nullable(Type.Number({ description: "baseKw / peakLoadKw" })),
  peakKw: Nullable(Kw),
  peakAt: Nullable(Instant),
  loadFactor: Nullable(
    Type.Number({ description: "kWh / (peakKw × hours from `from` to `to` or the ledger's time)" }),
  ),
  loadDuration: Type.Array(
    Type.Object({
      share: Type.Number({ minimum: 0, maximum: 1, description: "Share of the demand intervals" }),
      kw: Type.Number({ description: "The load that was reached or exceeded in that share" }),
    }),
    { maxItems: 201 },
  ),
  afterHours: Type.Object({
    kwh: Nullable(Type.Number()),
    share: Nullable(Type.Number({ description: "Of kWh, 0 to 1" })),
    hoursKnown: Type.Boolean({
      description: "Whether opening hours are registered; else kwh and share are null",
    }),
  }),
  week: Type.Array(
    Type.Object({
      weekday: Weekday,
      hour: HourOfDay,
      meanKw: Nullable(
        Type.Number({ description: "Mean of the demand intervals that began then" }),
      ),
    }),
    { minItems: 168, maxItems: 168, description: "Sunday 0:00 first" },
  ),
  uses: Uses,
  generation: Nullable(
    Type.Object(
      { kwh: Nullable(Type.Number()), meters: Type.Array(PointId), ...Counted },
      {
        description:
          "What generation meters counted; it is not taken off kwh. Null without such a meter",
      },
    ),
  ),
  siteEuiKbtuFt2: Nullable(
    Type.Number({
      description:
        "kBtu of the main meters / gross ft²; null unless the period is twelve civil months that are over",
    }),
  ),
  carbonKg: Nullable(
    Type.Number({
      description: "Under the policy carbon.electricity; null where none is in force",
    }),
  ),
  carbon: Type.Array(
    Type.Object({
      from: Type.String({ ...Instant, description: "In force from" }),
      gPerKwh: Type.Number(),
      year: Type.Integer({ description: "Year of the data" }),
      subregion: Type.String({ description: "eGRID subregion" }),
      citation: Type.String(),
    }),
    { description: "The factors that were used" },
  ),
  cost: Nullable(Cost),
  billedMeters: Type.Array(PointId, {
    description:
      "What cost and carbon go by: the meters of what is drawn from the grid, else the main meters",
  }),
  ...Counted,
  ...Vouched,
});

/** Registers the routes; `app` carries the prefix. */
export function registerBuildingEnergy(app: App, { readModel }: ReadSources): void {
  app.get(
    "/buildings/:id/energy",
    {
      schema: {
        tags: ["buildings"],
        summary: "Energy of the main meters by step",
        params: ById,
        querystring: StepsQuestion,
        response: { 200: EnergyAnswer, ...refusals },
      },
    },
    async (request) => {
      const { step = "PT1H" } = request.query;
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const meters = mainMeters(building.id, points);
      const steps = stepsOf(period, step, building.zone);
      const { series, total } = await energyOf(readModel.store, meters, period, steps, now);
      return {
        ...opening,
        step,
        unit: "kWh" as const,
        meters: meters.map(({ id }) => id),
        series: series.map((item) => ({ ...item, start: iso(item.start) })),
        total: { ...total, peakAt: isoOrNull(total.peakAt) },
        ...(await vouchedOf(readModel, meters, period)),
      };
    },
  );

  app.get(
    "/buildings/:id/energy/profile",
    {
      schema: {
        tags: ["buildings"],
        summary:
          "How the load of a period lies: base, peak, duration, after hours, uses, cost, carbon",
        params: ById,
        querystring: PeriodQuestion,
        response: { 200: EnergyProfileAnswer, ...refusals },
      },
    },
    async (request) => {
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const meters = metersOf(building.id, points);
      const registry = readModel.registry();
      const profile = await energyProfile(readModel.store, {
        building,
        meters,
        period,
        registry,
        now,
      });
      const { carbon, cost, ...figures } = profile;
      const { main, sub, generation, gridImport } = meters;
      return {
        ...opening,
        ...figures,
        meters: main.map(({ id }) => id),
        peakAt: isoOrNull(profile.peakAt),
        loadDuration: [...profile.loadDuration],
        week: profile.week.map((meanKw, cell) => ({
          weekday: Math.floor(cell / 24),
          hour: cell % 24,
          meanKw,
        })),
        uses: profile.uses.map(({ point: { id, label, brick }, ...use }) => ({
          ...{ point: id, label, brick },
          ...use,
        })),
        generation: profile.generation && {
          ...profile.generation,
          meters: generation.map(({ id }) => id),
        },
        carbonKg: carbon?.kg ?? null,
        carbon: (carbon?.rates ?? []).map(({ from, citation, value }) => ({
          ...{ from: iso(from), citation },
          ...value,
        })),
        cost: cost && {
          ...{ cents: cost.cents, currency: cost.currency, version: cost.version },
          lines: cost.lines.map((line) => ({ ...line, from: iso(line.from), to: iso(line.to) })),
          tariffs: cost.tariffs.map(({ from, citation, value: { name, version } }) => ({
            ...{ from: iso(from), name, citation, version },
          })),
        },
        billedMeters: (gridImport.length > 0 ? gridImport : main).map(({ id }) => id),
        ...(await vouchedOf(readModel, [...main, ...sub, ...generation, ...gridImport], period)),
      };
    },
  );
}
