// Civil time of a building beside UTC: the offset at any instant of a period, and RFC 3339 with that offset.

import type { Period } from "../read-model/period.ts";
import { offsets } from "../read-model/time-zone.ts";

/** The zone's offset (ms) at instants (ms) of a period; before and after it, the nearest one holds. */
export function offsetsIn(zone: string, { from, to }: Period): (at: number) => number {
  const segments = offsets(zone, from, to);
  let last = segments[0]!;
  let until = segments[1]?.from ?? Number.POSITIVE_INFINITY;
  return (at) => {
    // Readings come in order of time, so the segment of the last one is nearly always the one of the next.
    if (at < last.from || at >= until) {
      const i = Math.max(
        0,
        segments.findLastIndex(({ from: start }) => start <= at),
      );
      last = segments[i]!;
      until = segments[i + 1]?.from ?? Number.POSITIVE_INFINITY;
    }
    return last.offset;
  };
}

/** RFC 3339 with a numeric offset, such as 2026-03-08T03:00:00-04:00; milliseconds only where there are any. */
export function civilTime(at: number, offset: number): string {
  const local = new Date(at + offset).toISOString();
  const shown = local.endsWith(".000Z") ? local.slice(0, 19) : local.slice(0, 23);
  const minutes = Math.abs(Math.round(offset / 60_000));
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${shown}${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
