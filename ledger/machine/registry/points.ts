// The points a device is enrolled with: what it measures, in which unit, how often.

import type { Cbor } from "@muniment/core";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import type { PointRecord } from "../records.ts";

/** Points of one device. */
export const POINTS_MAX = 256;
const INTERVAL_S_MAX = 31_622_400; // a leap year

/** Reads a list of points; else `registry.body`. */
export function readPoints(items: readonly Cbor[]): PointRecord[] {
  const points = items.map(readPoint);
  const names = new Set(points.map(({ name }) => name));
  if (names.size !== points.length)
    throw new Refusal("registry.body", "points: a name occurs twice");
  return points;
}

function readPoint(item: Cbor): PointRecord {
  const body = new Body(item);
  const point: PointRecord = {
    name: body.pattern(
      "name",
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
      "1 to 64 of letters, digits, _ and -, not _ or - first",
    ),
    unit: body.pattern("unit", /^[A-Za-z0-9%/]{1,16}$/, "1 to 16 of letters, digits, % and /"),
    kind: body.pattern(
      "kind",
      /^(gauge|counter|interval|event)$/,
      "gauge, counter, interval or event",
    ) as PointRecord["kind"],
    ...body.optional("interval", (name) => body.uint(name, 1, INTERVAL_S_MAX)),
    ...body.optional("brick", (name) => body.text(name, 128)),
    ...body.optional("label", (name) => body.text(name, 128)),
  };
  body.end();
  if (point.kind === "interval" && point.interval === undefined) {
    throw new Refusal("registry.body", `point ${point.name}: kind interval needs an interval`);
  }
  return point;
}
