// /api/v1/buildings: the portfolio, one building, its energy and its occupancy.

import { type Static, Type } from "typebox";
import { occupancyMethod } from "../../read-model/measures/occupancy.ts";
import { iso, type Period, stepsOf } from "../../read-model/period.ts";
import { energyOf, mainMeters } from "../../read-model/queries/energy.ts";
import { occupancyOf } from "../../read-model/queries/occupancy.ts";
import {
  type PointSummary,
  pointSummaries,
  readingCount,
} from "../../read-model/queries/series.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { BuildingRecord } from "../../read-model/registry.ts";
import { hourMs } from "../../read-model/schema.ts";
import type { App } from "../app.ts";
import {
  Completeness,
  Count,
  Id,
  Instant,
  Nullable,
  Page,
  Paging,
  refusals,
  Trust,
} from "./answers.ts";
import { pageById } from "./paging.ts";
import { Point, pointAnswer } from "./points.ts";
import {
  buildingNamed,
  PeriodQuery,
  periodOf,
  pointsIn,
  type ReadSources,
  StepQuery,
} from "./question.ts";

const weekMs = 7 * 86_400_000;

const buildingFields = {
  id: Id,
  name: Type.String(),
  zone: Type.String({
    description: "IANA time zone; days and months are civil days and months there",
  }),
  grossFt2: Nullable(Type.Number()),
  usableFt2: Nullable(Type.Number()),
  address: Nullable(Type.String()),
  devices: Count,
  gateways: Count,
  lastReadingAt: Nullable(Instant),
  trust: Trust,
  week: Type.Object(
    {
      from: Instant,
      to: Instant,
      kwh: Nullable(Type.Number()),
      completeness: Type.Object(Completeness),
      peakOccupancy: Nullable(Type.Number()),
      meanOccupancy: Nullable(Type.Number()),
    },
    {
      description:
        "The seven days up to the ledger's time; completeness is that of the main meters",
    },
  ),
};
const Building = Type.Object(buildingFields);
const BuildingDetail = Type.Object({
  ...buildingFields,
  places: Type.Array(Type.Object({ place: Type.String(), points: Type.Array(Type.String()) })),
  points: Type.Array(Point),
});

const periodFields = {
  building: Id,
  zone: Type.String(),
  from: Instant,
  to: Instant,
  step: StepQuery,
};
const EnergyAnswer = Type.Object({
  ...periodFields,
  unit: Type.Literal("kWh"),
  meters: Type.Array(Type.String(), { description: "The main meters that were counted" }),
  series: Type.Array(
    Type.Object({
      start: Instant,
      kwh: Nullable(Type.Number()),
      peakKw: Nullable(Type.Number()),
      ...Completeness,
      gaps: Count,
      resets: Count,
    }),
  ),
  total: Type.Object({
    kwh: Nullable(Type.Number()),
    peakKw: Nullable(
      Type.Number({ description: "The greatest mean power over one declared interval" }),
    ),
    peakAt: Nullable(Instant),
    loadFactor: Nullable(Type.Number()),
    ...Completeness,
    gaps: Type.Integer({
      description:
        "Counter intervals longer than declared: their total is counted where they start",
    }),
    resets: Type.Integer({
      description: "Counter resets: what was consumed meanwhile is not counted",
    }),
  }),
  trust: Trust,
});
const OccupancyAnswer = Type.Object({
  ...periodFields,
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
    peak: Nullable(Type.Number()),
    peakAt: Nullable(Instant),
    mean: Nullable(Type.Number()),
    ...Completeness,
  }),
  trust: Trust,
});

const StepsQuery = Type.Object(
  { ...PeriodQuery, step: Type.Optional(StepQuery) },
  { additionalProperties: false },
);
const ById = Type.Object({ id: Id });

/** Registers the routes; `app` carries the prefix. */
export function registerBuildings(app: App, { readModel }: ReadSources): void {
  app.get(
    "/buildings",
    {
      schema: {
        tags: ["buildings"],
        summary: "All buildings, by id",
        querystring: Type.Object(Paging, { additionalProperties: false }),
        response: { 200: Page(Building), ...refusals },
      },
    },
    async (request) => {
      const { items, next } = pageById(readModel.registry().buildings.values(), request.query);
      return {
        items: await Promise.all(items.map((building) => buildingAnswer(readModel, building))),
        next,
      };
    },
  );

  app.get(
    "/buildings/:id",
    {
      schema: {
        tags: ["buildings"],
        summary: "One building with its places and points",
        params: ById,
        response: { 200: BuildingDetail, ...refusals },
      },
    },
    async (request) => {
      const building = buildingNamed(readModel, request.params.id);
      const points = pointsIn(readModel, building.id);
      const summaries = await pointSummaries(readModel.store, points);
      const places = [...new Set(points.map(({ place }) => place))].sort();
      return {
        ...(await buildingAnswer(readModel, building, summaries)),
        places: places.map((place) => ({
          place,
          points: points.filter((point) => point.place === place).map(({ id }) => id),
        })),
        points: points.map((point) => pointAnswer(point, summaries)),
      };
    },
  );

  app.get(
    "/buildings/:id/energy",
    {
      schema: {
        tags: ["buildings"],
        summary: "Energy of the main meters by step",
        params: ById,
        querystring: StepsQuery,
        response: { 200: EnergyAnswer, ...refusals },
      },
    },
    async (request) => {
      const building = buildingNamed(readModel, request.params.id);
      const { period, step, now, ...shared } = question(readModel, building, request.query);
      const meters = mainMeters(building.id, pointsIn(readModel, building.id));
      const { series, total } = await energyOf(
        readModel.store,
        meters,
        period,
        stepsOf(period, step, building.zone),
        now,
      );
      return {
        ...shared,
        step,
        unit: "kWh" as const,
        meters: meters.map(({ id }) => id),
        series: series.map((item) => ({ ...item, start: iso(item.start) })),
        total: { ...total, peakAt: isoOrNull(total.peakAt) },
        trust: vouchedByDevices(await readingCount(readModel.store, meters, period)),
      };
    },
  );

  app.get(
    "/buildings/:id/occupancy",
    {
      schema: {
        tags: ["buildings"],
        summary: "Persons present by step",
        params: ById,
        querystring: StepsQuery,
        response: { 200: OccupancyAnswer, ...refusals },
      },
    },
    async (request) => {
      const building = buildingNamed(readModel, request.params.id);
      const { period, step, now, ...shared } = question(readModel, building, request.query);
      const points = pointsIn(readModel, building.id);
      const { counters, series, total } = await occupancyOf(
        readModel.store,
        points,
        period,
        stepsOf(period, step, building.zone),
        now,
      );
      return {
        ...shared,
        step,
        unit: "persons" as const,
        method: occupancyMethod,
        series: series.map((item) => ({ ...item, start: iso(item.start) })),
        total: { ...total, peakAt: isoOrNull(total.peakAt) },
        trust: vouchedByDevices(await readingCount(readModel.store, counters, period)),
      };
    },
  );
}

function question(
  readModel: ReadModel,
  building: BuildingRecord,
  query: Static<typeof StepsQuery>,
) {
  const now = readModel.applied().time;
  const period = periodOf(query, now);
  return {
    period,
    now,
    step: query.step ?? "PT1H",
    building: building.id,
    zone: building.zone,
    from: iso(period.from),
    to: iso(period.to),
  };
}

async function buildingAnswer(
  readModel: ReadModel,
  building: BuildingRecord,
  known?: ReadonlyMap<number, PointSummary>,
): Promise<Static<typeof Building>> {
  const { store } = readModel;
  const registry = readModel.registry();
  const now = readModel.applied().time;
  // To the full hour, so that the roll-up serves; nothing is owed after the ledger's time.
  const to = Math.ceil(now / hourMs) * hourMs;
  const period: Period = { from: to - weekMs, to };
  const points = pointsIn(readModel, building.id);
  const summaries = known ?? (await pointSummaries(store, points));
  const days = stepsOf(period, "P1D", building.zone);
  const energy = await energyOf(store, mainMeters(building.id, points), period, days, now);
  const occupancy = await occupancyOf(store, points, period, days, now);
  const spoken = points
    .map(({ no }) => summaries.get(no))
    .filter((summary) => summary !== undefined);
  const lastTime = Math.max(...spoken.map((summary) => summary.lastTime ?? 0));
  const { registry: _, ...facts } = building;
  return {
    ...facts,
    devices: count(registry.devices.values(), building),
    gateways: count(registry.gateways.values(), building),
    lastReadingAt: spoken.length === 0 ? null : iso(lastTime),
    trust: vouchedByDevices(spoken.reduce((sum, { received }) => sum + received, 0)),
    week: {
      from: iso(period.from),
      to: iso(period.to),
      kwh: energy.total.kwh,
      completeness: { received: energy.total.received, expected: energy.total.expected },
      peakOccupancy: occupancy.total.peak,
      meanOccupancy: occupancy.total.mean,
    },
  };
}

function count(items: Iterable<{ readonly building: string }>, building: BuildingRecord): number {
  return [...items].filter((item) => item.building === building.id).length;
}

/** Every point is the device's own so far: no bridge and no person speaks for one (F10). */
function vouchedByDevices(readings: number): Trust {
  return { device: readings, observed: 0, manual: 0 };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
