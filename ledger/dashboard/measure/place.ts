// Places and points by the names people give them.
import type { Point } from "../data/shapes.ts";

interface Named {
  readonly place: string;
  readonly label?: string | null;
}

/** A place's label, else the last part of its path. */
export function placeLabel({ place, label }: Named): string {
  return label ?? place.split("/").at(-1)!;
}

/** `b1/floor-2/room-201` as `floor-2 › room-201`; the building itself by its own words. */
export function placePath(place: string, building: string): string {
  const parts = place
    .split("/")
    .slice(place === building || place.startsWith(`${building}/`) ? 1 : 0);
  return parts.length === 0 ? "whole building" : parts.join(" › ");
}

/** The places on the way from the building down to `place`, itself included; the building left out. */
export function placesDownTo(place: string): readonly string[] {
  const parts = place.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 2).join("/"));
}

/** Whether `place` lies in `outer`, or is it. */
export function isWithin(place: string, outer: string): boolean {
  return place === outer || place.startsWith(`${outer}/`);
}

/** A point's label, else its name. */
export function pointLabel({ label, name }: Point): string {
  return label ?? name;
}
