// /api/v1/buildings: the portfolio, and one building with its places and points.

import { type Static, Type } from "typebox";
import { expectedReadings } from "../../read-model/measures/completeness.ts";
import { kwhOf } from "../../read-model/measures/interval-energy.ts";
import { iso, type Period, rounded } from "../../read-model/period.ts";
import { countedOf, mainMeters } from "../../read-model/queries/energy.ts";
import { presenceOfScopes, scopesOf } from "../../read-model/queries/occupancy.ts";
import { byTrust, type PointSummary, pointSummaries } from "../../read-model/queries/series.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { BuildingRecord, PlaceRecord, PointRecord } from "../../read-model/registry.ts";
import { hourMs } from "../../read-model/schema.ts";
import type { App } from "../app.ts";
import {
  Completeness,
  Count,
  Id,
  Instant,
  LocalDate,
  Nullable,
  Page,
  Paging,
  PlacePath,
  PointId,
  refusals,
  Trust,
} from "./answers.ts";
import { pageById } from "./paging.ts";
import { Point, pointAnswer } from "./points.ts";
import { ById, buildingNamed, pointsIn, type ReadSources } from "./question.ts";

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
const Minute = Type.Integer({ minimum: 0, maximum: 1_440 });
const BuildingDetail = Type.Object({
  ...buildingFields,
  hours: Nullable(
    Type.Array(Type.Array(Type.Tuple([Minute, Minute])), {
      description:
        "Opening hours of each weekday, Sunday first: [open, close] in local civil minutes; null when none are registered",
    }),
  ),
  holidays: Type.Array(LocalDate),
  places: Type.Array(
    Type.Object({
      place: PlacePath,
      kind: Type.Unsafe<PlaceRecord["kind"]>({
        type: "string",
        enum: ["site", "building", "floor", "room", "zone", "outside"],
        description: "A place that only devices name is a zone",
      }),
      use: Nullable(Type.String()),
      label: Nullable(Type.String()),
      usableFt2: Nullable(Type.Number()),
      seats: Nullable(Type.Integer()),
      points: Type.Array(PointId),
    }),
  ),
  points: Type.Array(Point),
});

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
      const points = byBuilding(readModel.registry().points.values());
      const shown = items.flatMap(({ id }) => points.get(id) ?? []);
      const summaries = await pointSummaries(readModel.store, shown);
      return { items: await buildingAnswers(readModel, items, points, summaries), next };
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
      const grouped = new Map([[building.id, points]]);
      const [answer] = await buildingAnswers(readModel, [building], grouped, summaries);
      return {
        ...answer!,
        hours:
          building.hours?.map((spans) =>
            spans.map(([open, close]): [number, number] => [open, close]),
          ) ?? null,
        holidays: [...building.holidays],
        places: placesOf(readModel, building, points),
        points: points.map((point) => pointAnswer(point, summaries)),
      };
    },
  );
}

/** Registered places and those that devices name, by path. */
function placesOf(
  readModel: ReadModel,
  building: BuildingRecord,
  points: readonly PointRecord[],
): Static<typeof BuildingDetail>["places"] {
  const { places } = readModel.registry();
  const registered = [...places.values()].filter((place) => place.building === building.id);
  const paths = new Set([...registered, ...points].map(({ place }) => place));
  return [...paths].sort().map((path) => {
    const { place, kind, use, label, usableFt2, seats } = places.get(path) ?? {
      place: path,
      kind: path === building.id ? ("building" as const) : ("zone" as const),
      use: null,
      label: null,
      usableFt2: null,
      seats: null,
    };
    const inside = points.filter((point) => point.place === path).map(({ id }) => id);
    return { place, kind, use, label, usableFt2, seats, points: inside };
  });
}

/** What the portfolio says of each building: one query for the energy of all, one for their occupancy. */
async function buildingAnswers(
  readModel: ReadModel,
  buildings: readonly BuildingRecord[],
  pointsOf: ReadonlyMap<string, readonly PointRecord[]>,
  summaries: ReadonlyMap<number, PointSummary>,
): Promise<Static<typeof Building>[]> {
  const { store } = readModel;
  const registry = readModel.registry();
  const now = readModel.applied().time;
  const to = Math.ceil(now / hourMs) * hourMs;
  const period: Period = { from: to - weekMs, to };
  const ids = buildings.map(({ id }) => id);
  const points = ids.flatMap((id) => pointsOf.get(id) ?? []);
  const meters = new Map(ids.map((id) => [id, mainMeters(id, pointsOf.get(id) ?? [])]));
  const counted = await countedOf(store, [...meters.values()].flat(), period);
  const scopes = await scopesOf(store, ids, points);
  const presence = await presenceOfScopes(store, [...scopes.values()], period);
  const devices = countBy(registry.devices.values());
  const gateways = countBy(registry.gateways.values());

  return buildings.map(({ id, name, zone, grossFt2, usableFt2, address }) => {
    const own = pointsOf.get(id) ?? [];
    const spoken = own.flatMap(({ no }) => summaries.get(no) ?? []);
    const heard = meters.get(id)!.flatMap(({ no }) => counted.get(no) ?? []);
    const joules = heard.flatMap((meter) => meter.joules ?? []);
    const there = presence.get(id);
    const expected = meters
      .get(id)!
      .map(({ interval }) => expectedReadings(period.from, Math.min(to, now), interval) ?? 0);
    return {
      ...{ id, name, zone, grossFt2, usableFt2, address },
      devices: devices.get(id) ?? 0,
      gateways: gateways.get(id) ?? 0,
      lastReadingAt:
        spoken.length === 0 ? null : iso(Math.max(...spoken.map(({ lastTime }) => lastTime ?? 0))),
      trust: byTrust(own.map(({ no, trust }) => [trust, summaries.get(no)?.received ?? 0])),
      week: {
        from: iso(period.from),
        to: iso(period.to),
        kwh: joules.length === 0 ? null : kwhOf(sum(joules)),
        completeness: {
          received: sum(heard.map(({ received }) => received)),
          expected: sum(expected),
        },
        peakOccupancy: there?.peak ?? null,
        meanOccupancy: there === undefined ? null : rounded(there.sum / there.steps),
      },
    };
  });
}

function byBuilding(points: Iterable<PointRecord>): Map<string, PointRecord[]> {
  const grouped = new Map<string, PointRecord[]>();
  for (const point of points) {
    const group = grouped.get(point.building);
    if (group === undefined) grouped.set(point.building, [point]);
    else group.push(point);
  }
  return grouped;
}

function countBy(items: Iterable<{ readonly building: string }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { building } of items) counts.set(building, (counts.get(building) ?? 0) + 1);
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
