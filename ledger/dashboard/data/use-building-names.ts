// Names and time zones of all buildings, for pages that speak of several.
import type { PublicBuilding } from "./occupancy-shapes.ts";
import { useItems } from "./use-items.ts";

/** By id. */
export type BuildingNames = ReadonlyMap<string, Pick<PublicBuilding, "name" | "zone">>;

/** Empty until the answer is there. */
export function useBuildingNames(): BuildingNames {
  const { value } = useItems<PublicBuilding>("/api/v1/public/buildings");
  return new Map(value?.items.map((building) => [building.id, building]));
}
