// Civil time of a building within a period: hours of the week, local dates, and when it is open.

import type { WeekHours } from "./registry.ts";
import { localSql, type OffsetSegment, offsets } from "./time-zone.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** 1 January 1970 was a Thursday. */
const firstWeekday = 4;

/** A local hour, or the part of it in the period: [start, end) in ms since 1970. The hour that clocks repeat comes twice. */
export interface CivilHour {
  readonly start: number;
  readonly end: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
}

/** Opening hours of each weekday, Sunday first, and the local dates on which the building stays closed. */
export interface Opening {
  readonly hours: WeekHours;
  readonly holidays: readonly string[];
}

/** The local date, YYYY-MM-DD, and the weekday (0 is Sunday) of local civil time in ms. */
export function dateOf(local: number): { readonly date: string; readonly weekday: number } {
  const day = Math.floor(local / dayMs);
  return {
    date: new Date(day * dayMs).toISOString().slice(0, 10),
    weekday: (((day + firstWeekday) % 7) + 7) % 7,
  };
}

/** Local civil time in parts; weekday 0 is Sunday, minute is that of the day. */
export interface CivilParts {
  readonly month: number;
  readonly weekday: number;
  readonly minute: number;
}

/** The parts of local civil time in ms. */
export function partsOf(local: number): CivilParts {
  const day = Math.floor(local / dayMs);
  return {
    month: new Date(local).getUTCMonth() + 1,
    weekday: (((day + firstWeekday) % 7) + 7) % 7,
    minute: Math.floor((local - day * dayMs) / minuteMs),
  };
}

/** Says of local civil time in ms whether the building is open. */
export function opener({ hours, holidays }: Opening): (local: number) => boolean {
  const closed = new Set(holidays.map((date) => Date.parse(`${date}T00:00:00Z`) / dayMs));
  return (local) => {
    const { weekday, minute } = partsOf(local);
    return (
      !closed.has(Math.floor(local / dayMs)) &&
      (hours[weekday] ?? []).some(([open, close]) => minute >= open && minute < close)
    );
  };
}

/** The civil calendar of [from, to) in an IANA zone. */
export class CivilTime {
  readonly #to: number;
  readonly #segments: readonly OffsetSegment[];

  constructor({ from, to }: { readonly from: number; readonly to: number }, zone: string) {
    this.#to = to;
    this.#segments = offsets(zone, from, to);
  }

  /** Local civil time in ms of an instant in the period. */
  local(at: number): number {
    return at + this.#segments.findLast(({ from }) => from <= at)!.offset;
  }

  /** SQL expressions for the weekday and the hour of `time`, an expression in ms since 1970. */
  weekHourSql(time: string): { readonly weekday: string; readonly hour: string } {
    const local = localSql(time, this.#segments);
    return {
      weekday: `((${local} // ${dayMs} + ${firstWeekday}) % 7)`,
      hour: `(${local} % ${dayMs} // ${hourMs})`,
    };
  }

  /** An SQL condition: the building is open at `time`. */
  openSql(time: string, { hours, holidays }: Opening): string {
    const local = localSql(time, this.#segments);
    const { weekday } = this.weekHourSql(time);
    const minute = `(${local} % ${dayMs} // ${minuteMs})`;
    const open = hours.flatMap((spans, day) =>
      spans.map(
        ([from, to]) => `(${weekday} = ${day} AND ${minute} >= ${from} AND ${minute} < ${to})`,
      ),
    );
    if (open.length === 0) return "false";
    const days = holidays.map((date) => Date.parse(`${date}T00:00:00Z`) / dayMs);
    const closed = days.length === 0 ? "" : ` AND ${local} // ${dayMs} NOT IN (${days.join(", ")})`;
    return `((${open.join(" OR ")})${closed})`;
  }

  /** The local hours of the period in order, cut at its ends and where clocks change. */
  *hours(): Iterable<CivilHour> {
    for (const { from, to, offset } of this.#spans()) {
      for (let at = from; at < to; ) {
        const local = at + offset;
        const end = Math.min(to, (Math.floor(local / hourMs) + 1) * hourMs - offset);
        const hour = Math.floor((((local % dayMs) + dayMs) % dayMs) / hourMs);
        yield { start: at, end, weekday: dateOf(local).weekday, hour };
        at = end;
      }
    }
  }

  /** The spans of the period in which the building is open, [start, end) in order. An hour that clocks repeat is open twice. */
  *open({ hours, holidays }: Opening): Iterable<{ readonly start: number; readonly end: number }> {
    const closed = new Set(holidays);
    for (const { from, to, offset } of this.#spans()) {
      const last = Math.floor((to - 1 + offset) / dayMs);
      for (let day = Math.floor((from + offset) / dayMs); day <= last; day += 1) {
        const { date, weekday } = dateOf(day * dayMs);
        if (closed.has(date)) continue;
        for (const [open, close] of hours[weekday] ?? []) {
          const start = Math.max(from, day * dayMs + open * minuteMs - offset);
          const end = Math.min(to, day * dayMs + close * minuteMs - offset);
          if (start < end) yield { start, end };
        }
      }
    }
  }

  *#spans(): Iterable<{ readonly from: number; readonly to: number; readonly offset: number }> {
    for (const [i, { from, offset }] of this.#segments.entries())
      yield { from, to: this.#segments[i + 1]?.from ?? this.#to, offset };
  }
}
