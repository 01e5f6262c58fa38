// The hours of a building as spans of time: its civil week and holidays, in its zone, through clock changes.

import type { BuildingRecord, WeekHours } from "../read-model/registry.ts";
import { offsets } from "../read-model/time-zone.ts";
import type { Span } from "./quiet.ts";
import type { During } from "./rule.ts";

export interface Schedule {
  readonly zone: string;
  /** Null: never registered, and taken to be always open. */
  readonly hours: WeekHours | null;
  readonly holidays: readonly string[];
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
const ALWAYS: readonly Span[] = [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }];
/** Spans are looked for this far around what is asked, so that one that began on an earlier day is whole. */
const marginMs = 8 * dayMs;

/**
 * Spans in which a building is open (or closed) that end after `after` and begin no later than `upTo`, in order, not cut.
 * Opening times that a clock change skips are those an hour later; one that runs on past midnight is one span.
 */
export function spansOf(
  { zone, hours, holidays }: Schedule,
  during: During,
  after: number,
  upTo: number,
): readonly Span[] {
  if (during === "always" || hours === null) return during === "closed" ? [] : ALWAYS;
  const open = openSpans(zone, hours, holidays, after - marginMs, upTo + marginMs);
  const spans = during === "open" ? open : between(open);
  return spans.filter(({ from, to }) => to > after && from <= upTo);
}

function openSpans(
  zone: string,
  hours: WeekHours,
  holidays: readonly string[],
  from: number,
  to: number,
): readonly Span[] {
  const segments = offsets(zone, from - dayMs, to + dayMs);
  const utc = (local: number): number => {
    // The last offset under which this local time has already begun; in a gap that is the one before it.
    let found = segments[0]!;
    for (const segment of segments) if (local - segment.offset >= segment.from) found = segment;
    return local - found.offset;
  };
  const closedOn = new Set(holidays);
  const spans: Span[] = [];
  for (let day = Math.floor(from / dayMs) * dayMs; day < to; day += dayMs) {
    const date = new Date(day);
    if (closedOn.has(date.toISOString().slice(0, 10))) continue;
    for (const [open, close] of hours[date.getUTCDay()] ?? []) {
      const span = { from: utc(day + open * minuteMs), to: utc(day + close * minuteMs) };
      const last = spans.at(-1);
      if (last?.to === span.from) spans[spans.length - 1] = { from: last.from, to: span.to };
      else if (span.from < span.to) spans.push(span);
    }
  }
  return spans;
}

/** What lies between spans; before the first and after the last it is taken to go on for ever. */
function between(spans: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    gaps.push({ from, to: span.from });
    from = span.to;
  }
  return [...gaps, { from, to: Number.POSITIVE_INFINITY }];
}

/** Answers for one building and one rule, from a few weeks that are kept. */
export class Hours {
  readonly #schedule: Schedule;
  readonly #during: During;
  #kept: { readonly after: number; readonly upTo: number; readonly spans: readonly Span[] } | null =
    null;

  constructor(schedule: Schedule, during: During) {
    this.#schedule = schedule;
    this.#during = during;
  }

  /** As spansOf(). */
  spans(after: number, upTo: number): readonly Span[] {
    if (this.#kept === null || after < this.#kept.after || upTo > this.#kept.upTo) {
      const kept = { after: after - marginMs, upTo: upTo + marginMs };
      this.#kept = {
        ...kept,
        spans: spansOf(this.#schedule, this.#during, kept.after, kept.upTo),
      };
    }
    return this.#kept.spans.filter(({ from, to }) => to > after && from <= upTo);
  }

  /** Whether the rule holds at an instant. */
  at(t: number): boolean {
    return this.spans(t, t).some(({ from, to }) => from <= t && t < to);
  }
}

/** The schedule of a building that may not be registered. */
export function scheduleOf(building: BuildingRecord | undefined): Schedule {
  return {
    zone: building?.zone ?? "UTC",
    hours: building?.hours ?? null,
    holidays: building?.holidays ?? [],
  };
}
