// place.register: parts of a building, for the first time or instead of what was said of them before.

import type { Cbor } from "@muniment/core";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { PlaceRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

/** Places of one transaction. */
const PLACES_MAX = 256;
const AREA_FT2_MAX = 1_000_000_000;
const SEATS_MAX = 1_000_000;
const KIND = /^(site|building|floor|room|zone|outside)$/;
const USE = /^(office|meeting|lobby|restroom|storage|plant|other)$/;

export function placeRegister(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const body = new Body(context.transaction.body);
  const building = body.id("building");
  const items = body.list("places", PLACES_MAX);
  body.end();
  if (context.state.building(building) === null)
    throw new Refusal("registry.unknown-building", building);
  if (items.length === 0) throw new Refusal("registry.body", "places: expected at least one");
  const places = new Map(items.map((item) => readPlace(item, building)));
  if (places.size !== items.length)
    throw new Refusal("registry.body", "places: a place occurs twice");
  return places;
}

function readPlace(item: Cbor, building: string): readonly [path: string, record: PlaceRecord] {
  const body = new Body(item);
  const path = body.place("place", building);
  const record: PlaceRecord = {
    building,
    kind: body.pattern(
      "kind",
      KIND,
      "site, building, floor, room, zone or outside",
    ) as PlaceRecord["kind"],
    ...body.optional(
      "use",
      (name) =>
        body.pattern(
          name,
          USE,
          "office, meeting, lobby, restroom, storage, plant or other",
        ) as NonNullable<PlaceRecord["use"]>,
    ),
    ...body.optional("label", (name) => body.text(name, 200)),
    ...body.optional("usableFt2", (name) => body.uint(name, 1, AREA_FT2_MAX)),
    ...body.optional("seats", (name) => body.uint(name, 0, SEATS_MAX)),
  };
  body.end();
  if (record.use !== undefined && record.kind !== "room")
    throw new Refusal("registry.body", `place ${path}: only a room has a use`);
  return [path, record];
}

function apply({ state }: Context, places: ReturnType<typeof check>): void {
  for (const [path, record] of places) state.put(stateKey.place(path), record);
}
