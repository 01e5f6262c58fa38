// Steps of a series (ISO 8601 durations) as buckets of a building's civil time: a day is 23, 24 or 25 hours long.

import { localSql, type OffsetSegment, offsets } from "./time-zone.ts";

/** The steps that a series may have. */
export const STEPS = ["PT15M", "PT1H", "P1D", "P1M"] as const;
export type Step = (typeof STEPS)[number];

const lengthMs = { PT15M: 900_000, PT1H: 3_600_000, P1D: 86_400_000 } as const;

/** One bucket: [start, end) in ms since 1970. `key` is what keySql() gives for every instant in it. */
export interface Bucket {
  readonly key: number;
  readonly start: number;
  readonly end: number;
}

/** The buckets of a period, whole or cut at its ends, and how SQL finds the bucket of an instant. */
export interface Buckets {
  readonly step: Step;
  readonly list: readonly Bucket[];
  /** An SQL expression for the bucket key of `time`, an expression in ms since 1970. */
  keySql(time: string): string;
  /** Whether every boundary is a whole hour of UTC, so that the hourly roll-up serves. */
  readonly hourly: boolean;
  /** Whether every boundary is a whole quarter of an hour of UTC, so that the roll-ups of energy and presence serve. */
  readonly quarterly: boolean;
}

/**
 * Buckets of `step` that cover [from, to), `from` < `to`. Days and months are those of the zone; hours and quarters run on
 * through a clock change, aligned to the zone's minutes.
 */
export function bucketsOf(from: number, to: number, step: Step, zone: string): Buckets {
  const segments = offsets(zone, from, to).map(({ from: start, offset }) => ({
    from: start,
    offset: alignment(offset, step),
  }));
  const list: Bucket[] = [];
  for (const [i, segment] of segments.entries()) {
    const end = segments[i + 1]?.from ?? to;
    for (let at = segment.from; at < end; ) {
      const key = keyOf(at + segment.offset, step);
      const until = Math.min(nextLocal(key, step) - segment.offset, end);
      const last = list.at(-1);
      if (last?.key === key) list[list.length - 1] = { key, start: last.start, end: until };
      else list.push({ key, start: at, end: until });
      at = until;
    }
  }
  const whole = (ms: number): boolean =>
    list.every(({ start, end }) => start % ms === 0 && end % ms === 0);
  return {
    step,
    list,
    keySql: (time) => keySql(time, step, segments),
    hourly: whole(3_600_000),
    quarterly: whole(900_000),
  };
}

/** How many buckets there will be, roughly, without making them. */
export function bucketCount(from: number, to: number, step: Step): number {
  return (to - from) / (step === "P1M" ? 28 * lengthMs.P1D : lengthMs[step]);
}

/** Steps below a day follow only the part of an offset that is no multiple of theirs: hours never repeat. */
function alignment(offset: number, step: Step): number {
  return step === "P1D" || step === "P1M" ? offset : offset % lengthMs[step];
}

function keyOf(local: number, step: Step): number {
  if (step !== "P1M") return Math.floor(local / lengthMs[step]);
  const date = new Date(local);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function nextLocal(key: number, step: Step): number {
  return step === "P1M"
    ? Date.UTC(Math.floor(key / 12), (key % 12) + 1, 1)
    : (key + 1) * lengthMs[step];
}

function keySql(time: string, step: Step, segments: readonly OffsetSegment[]): string {
  const local = localSql(time, segments);
  if (step !== "P1M") return `(${local} // ${lengthMs[step]})`;
  return `(year(make_timestamp_ms(${local})) * 12 + month(make_timestamp_ms(${local})) - 1)`;
}
