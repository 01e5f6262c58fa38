// How rooms were used: persons by the counters in them, air by their sensors.

import { CivilTime } from "../civil-time.ts";
import { expectedReadings } from "../measures/completeness.ts";
import { readingsSql } from "../measures/readings.ts";
import { type Period, rounded } from "../period.ts";
import type { BuildingRecord, PlaceRecord, PointRecord, Registry } from "../registry.ts";
import { hourMs } from "../schema.ts";
import type { Row, Store } from "../store.ts";
import { expectedIn, presenceOfScopes, scopesOf } from "./occupancy.ts";
import { receivedOf } from "./received.ts";

/** How the figures are found; shown with them. */
export const roomsMethod =
  "people counters: a step counts as occupied when the last reading in it is above zero; steps without a reading count neither way. Shares of opening hours go by the quarter-hour in which a step began. Air: mean of all readings of the sensors in the room";

export interface RoomUse {
  readonly place: string;
  readonly label: string | null;
  readonly use: PlaceRecord["use"];
  readonly floor: string | null;
  readonly seats: number | null;
  readonly usableFt2: number | null;
  readonly occupiedHours: number | null;
  readonly openHours: number | null;
  readonly occupiedShare: number | null;
  readonly meanPersons: number | null;
  readonly peakPersons: number | null;
  readonly seatShare: number | null;
  readonly meanCo2: number | null;
  readonly maxCo2: number | null;
  readonly meanCelsius: number | null;
  readonly received: number;
  readonly expected: number;
}

/** The rooms of a building in a period, by path. `now` (ms) ends what can be expected. */
export async function roomsOf(
  store: Store,
  registry: Registry,
  building: BuildingRecord,
  points: readonly PointRecord[],
  period: Period,
  now: number,
): Promise<{ readonly rooms: readonly RoomUse[]; readonly used: readonly PointRecord[] }> {
  const places = roomPlaces(registry, building, points);
  const scopes = await scopesOf(
    store,
    places.map(({ place }) => place),
    points,
  );
  const civil = new CivilTime(period, building.zone);
  const opening = building.hours === null ? null : { ...building, hours: building.hours };
  const open = opening === null ? undefined : civil.openSql("start", opening);
  const presence = await presenceOfScopes(store, [...scopes.values()], period, open);
  const past = Math.min(period.to, Math.max(now, period.from));
  const openMs =
    opening === null
      ? null
      : [...civil.open(opening)].reduce(
          (sum, { start, end }) => sum + Math.max(0, Math.min(end, past) - start),
          0,
        );
  const airOf = (place: string): readonly PointRecord[] =>
    points.filter((point) => isWithin(point.place, place) && (isCo2(point) || isAir(point)));
  const used = places.flatMap(({ place }) => [...scopes.get(place)!.counters, ...airOf(place)]);
  const air = await airRows(
    store,
    used.filter((point) => isCo2(point) || isAir(point)),
    period,
  );

  const received = await receivedOf(store, used, period);

  const rooms = places.map(({ place, label, use, seats, usableFt2 }): RoomUse => {
    const scope = scopes.get(place)!;
    const there = presence.get(place);
    const sensors = airOf(place);
    const co2 = airMean(sensors.filter(isCo2), air, ppmOf);
    const celsius = airMean(sensors.filter(isAir), air, (_, value) => value);
    const meanOccupied =
      there === undefined || there.occupied === 0 ? null : there.sum / there.occupied;
    return {
      place,
      label,
      use,
      floor: floorOf(registry, place),
      seats,
      usableFt2,
      occupiedHours: there === undefined ? null : rounded((there.occupied * scope.stepMs) / hourMs),
      openHours: openMs === null ? null : rounded(openMs / hourMs),
      occupiedShare:
        there === undefined || there.openSteps === 0
          ? null
          : rounded(there.openOccupied / there.openSteps),
      meanPersons: there === undefined ? null : rounded(there.sum / there.steps),
      peakPersons: there?.peak ?? null,
      seatShare:
        meanOccupied === null || seats === null || seats === 0
          ? null
          : rounded(meanOccupied / seats),
      meanCo2: co2.mean,
      maxCo2: co2.max,
      meanCelsius: celsius.mean,
      received: [...scope.counters, ...sensors].reduce(
        (sum, { no }) => sum + (received.get(no) ?? 0),
        0,
      ),
      expected:
        expectedIn(scope, { start: period.from, end: period.to }, now) +
        sensors.reduce(
          (sum, { interval }) => sum + (expectedReadings(period.from, past, interval) ?? 0),
          0,
        ),
    };
  });
  return { rooms, used };
}

/** Registered rooms, and places below the building that only devices name and where something a room has is measured. */
function roomPlaces(
  registry: Registry,
  building: BuildingRecord,
  points: readonly PointRecord[],
): readonly Omit<PlaceRecord, "building" | "kind">[] {
  const registered = [...registry.places.values()].filter(
    (place) => place.building === building.id && place.kind === "room",
  );
  const named = points
    .filter(
      (point) =>
        point.place !== building.id &&
        !registry.places.has(point.place) &&
        !registered.some(({ place }) => isWithin(point.place, place)) &&
        (point.brick === "Occupancy_Count_Sensor" || isCo2(point) || isAir(point)),
    )
    .map(({ place }) => place);
  const unregistered = [...new Set(named)].map((place) => ({
    ...{ place, label: null, use: null, seats: null, usableFt2: null },
  }));
  return [...registered, ...unregistered].sort((a, b) => (a.place < b.place ? -1 : 1));
}

function floorOf(registry: Registry, place: string): string | null {
  const parts = place.split("/");
  const above = parts.map((_, i) => parts.slice(0, i).join("/")).slice(1);
  const floor = above.findLast((path) => registry.places.get(path)?.kind === "floor");
  return floor ?? (above.length > 1 ? above[1]! : null);
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

function isCo2({ unit, brick }: PointRecord): boolean {
  return (unit === "ppm" || unit === "/") && /^CO2(_Level)?_Sensor$/.test(brick ?? "");
}

function isAir({ unit, brick }: PointRecord): boolean {
  return unit === "Cel" && /^(Zone_|Room_)?Air_Temperature_Sensor$/.test(brick ?? "");
}

/** A ratio (RFC 8428 has no ppm) or ppm (RFC 8798), as ppm. */
function ppmOf({ unit }: PointRecord, value: number): number {
  return unit === "/" ? value * 1_000_000 : value;
}

/** Readings of sensors in a period (n, sum, max), by the number of their point. */
async function airRows(
  store: Store,
  sensors: readonly PointRecord[],
  { from, to }: Period,
): Promise<ReadonlyMap<number, Row>> {
  if (sensors.length === 0) return new Map();
  const numbers = sensors.map(({ no }) => no).join(", ");
  const rolledUp = from % hourMs === 0 && to % hourMs === 0;
  const rows = await store.query(
    rolledUp
      ? `SELECT point, sum(n) AS n, fsum(sum) AS sum, max(max) AS max FROM hourly
         WHERE point IN (${numbers}) AND hour >= ${from / hourMs} AND hour < ${to / hourMs} GROUP BY point`
      : `SELECT point, count(*) AS n, fsum(v) AS sum, max(v) AS max
         FROM (${readingsSql(`s.point IN (${numbers}) AND s.t >= ${from} AND s.t < ${to}`)}) GROUP BY point`,
  );
  return new Map(rows.map((row) => [numberOf(row.point), row]));
}

function airMean(
  sensors: readonly PointRecord[],
  rows: ReadonlyMap<number, Row>,
  scaled: (point: PointRecord, value: number) => number,
): { readonly mean: number | null; readonly max: number | null } {
  const heard = sensors.flatMap((point) => {
    const row = rows.get(point.no);
    return row === undefined
      ? []
      : [
          {
            n: numberOf(row.n),
            sum: scaled(point, numberOf(row.sum)),
            max: scaled(point, numberOf(row.max)),
          },
        ];
  });
  const n = heard.reduce((total, row) => total + row.n, 0);
  return n === 0
    ? { mean: null, max: null }
    : {
        mean: rounded(heard.reduce((total, { sum }) => total + sum, 0) / n),
        max: rounded(Math.max(...heard.map(({ max }) => max))),
      };
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}
