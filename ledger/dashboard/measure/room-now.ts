// Whether a room is free at this moment, from the last words of its counters.
import type { Point } from "../data/shapes.ts";

export type RoomNow =
  | { readonly state: "uncounted" | "unknown"; readonly persons: null }
  | { readonly state: "free" | "used" | "overfull"; readonly persons: number };

const intervalsMax = 3;
const silenceMsMin = 900_000;

/** The point's last value, unless it is older than three of its intervals (at least 15 minutes) at `now` (ms). */
export function freshValue(
  { lastTime, lastValue, interval }: Pick<Point, "lastTime" | "lastValue" | "interval">,
  now: number,
): number | null {
  if (lastTime === null) return null;
  const age = now - Date.parse(lastTime);
  return age <= Math.max(silenceMsMin, intervalsMax * (interval ?? 0) * 1_000) ? lastValue : null;
}

/**
 * The greatest of the room's counters that spoke lately, against its seats where they are known. A room without a counter is
 * uncounted; one whose counters are silent is unknown.
 */
export function roomNow(points: readonly Point[], seats: number | null, now: number): RoomNow {
  const counters = points.filter(isCounter);
  if (counters.length === 0) return { state: "uncounted", persons: null };
  const counts = counters.map((point) => freshValue(point, now)).filter((value) => value !== null);
  if (counts.length === 0) return { state: "unknown", persons: null };
  const persons = Math.max(...counts);
  if (persons <= 0) return { state: "free", persons: 0 };
  return { state: seats !== null && persons > seats ? "overfull" : "used", persons };
}

/** A counter of people. */
export function isCounter({ brick }: Pick<Point, "brick">): boolean {
  return brick === "Occupancy_Count_Sensor";
}

/** A sensor of carbon dioxide. */
export function isCo2({ brick }: Pick<Point, "brick">): boolean {
  return brick?.includes("CO2") ?? false;
}
