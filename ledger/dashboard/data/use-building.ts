// The figures of one building over a range, under /api/v1/buildings/{id}.
import type { Range, Step } from "../time/range.ts";
import { apiRange } from "../time/range.ts";
import { apiPath } from "./api-path.ts";
import type { BuildingDetail } from "./shapes.ts";
import { type Resource, useResource } from "./use-resource.ts";

/** The building itself, with its places and points. */
export function useBuilding(id: string): Resource<BuildingDetail> {
  return useResource<BuildingDetail>(apiPath(["buildings", id]));
}

interface Wanted {
  readonly step?: Step;
  readonly place?: string | undefined;
}

/** The address of a figure: `buildingPath("b1", "occupancy/week", range)`. */
export function buildingPath(
  building: string,
  figure: string,
  range: Range,
  { step, place }: Wanted = {},
): string {
  return apiPath(["buildings", building, ...figure.split("/")], {
    ...apiRange(range),
    step: step?.iso ?? null,
    place: place === undefined || place === building ? null : place,
  });
}

/** A figure of the building, or of one of its places. */
export function useFigure<Shape>(
  building: string,
  figure: string,
  range: Range,
  wanted: Wanted = {},
): Resource<Shape> {
  return useResource<Shape>(buildingPath(building, figure, range, wanted));
}
