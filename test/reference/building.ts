// A building's figures by the textbook: plain loops over a list of samples, with calendars from Intl. Slow, and sharing nothing with the product.

/** A point as enrolled; intervals are in seconds. */
export interface TextPoint {
  readonly no: number;
  readonly place: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "interval";
  readonly brick: string | null;
  readonly interval: number | null;
}

/** A sample as it stands in the ledger; times in ms. */
export interface TextSample {
  readonly point: number;
  readonly t: number;
  readonly v: number;
}

/** Civil time of an instant. */
export interface Civil {
  readonly date: string;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

/** A clock on the wall of a zone. */
export function wallClock(zone: string): (at: number) => Civil {
  const format = new Intl.DateTimeFormat("en-CA", {
    ...{ timeZone: zone, hourCycle: "h23", weekday: "short" },
    ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  });
  const known = new Map<number, Civil>();
  return (at) => {
    const minute = Math.floor(at / 60_000);
    const found = known.get(minute);
    if (found !== undefined) return found;
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, value]),
    );
    const civil = {
      date: `${parts.year}-${parts.month}-${parts.day}`,
      weekday: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(
        parts.weekday!.slice(0, 3),
      ),
      hour: Number(parts.hour),
      minute: Number(parts.minute),
    };
    known.set(minute, civil);
    return civil;
  };
}

/** Readings of a point in order of time: of two for one time the later in the list counts. */
export function readingsOf(samples: readonly TextSample[], point: number): readonly TextSample[] {
  const latest = new Map<number, TextSample>();
  for (const sample of samples) if (sample.point === point) latest.set(sample.t, sample);
  return [...latest.values()].sort((a, b) => a.t - b.t);
}

/** Readings owed in [from, to): one at each multiple of the interval, counted one by one. */
export function owed(from: number, to: number, interval: number | null): number {
  if (interval === null) return 0;
  let n = 0;
  for (let t = Math.ceil(from / (interval * 1000)) * interval * 1000; t < to; t += interval * 1000)
    n += 1;
  return n;
}

export interface TextStep {
  readonly start: number;
  readonly persons: number;
}

/** The counters of a place: within it, and not inside another counted place of it. */
export function countersOf(points: readonly TextPoint[], scope: string): readonly TextPoint[] {
  const within = (place: string, outer: string): boolean => `${place}/`.startsWith(`${outer}/`);
  const counted = points.filter(
    ({ unit, brick, place }) =>
      unit === "count" && brick === "Occupancy_Count_Sensor" && within(place, scope),
  );
  return counted.filter(
    ({ place }) => !counted.some((other) => other.place !== place && within(place, other.place)),
  );
}

/** The multiple of an interval (ms) nearest to a time; of two equally near the later. */
function nearest(t: number, intervalMs: number): number {
  const below = Math.floor(t / intervalMs) * intervalMs;
  return t - below < below + intervalMs - t ? below : below + intervalMs;
}

/** Owed readings of points in [from, to) for which one came: it answers for the owed time nearest to it. */
export function heard(
  points: readonly TextPoint[],
  samples: readonly TextSample[],
  from: number,
  to: number,
): readonly number[] {
  return points.flatMap(({ no, interval }) => {
    if (interval === null) return [];
    const times = readingsOf(samples, no).map(({ t }) => nearest(t, interval * 1000));
    return [...new Set(times)].filter((at) => at >= from && at < to);
  });
}

/**
 * Steps that begin in [from, to) and were heard: of each counter the last of the readings nearest to the step, the greatest of each place,
 * the sum of all places.
 */
export function occupancySteps(
  counters: readonly TextPoint[],
  samples: readonly TextSample[],
  from: number,
  to: number,
): readonly TextStep[] {
  const stepMs = Math.max(...counters.map(({ interval }) => interval ?? 0)) * 1000 || 900_000;
  const readings = counters.map((counter) => {
    const steps = new Map<number, TextSample>();
    for (const reading of readingsOf(samples, counter.no))
      steps.set(nearest(reading.t, stepMs), reading);
    return { place: counter.place, steps };
  });
  const steps: TextStep[] = [];
  for (let start = Math.ceil(from / stepMs) * stepMs; start < to; start += stepMs) {
    const places = new Map<string, number>();
    for (const { place, steps: last } of readings) {
      const reading = last.get(start);
      if (reading === undefined) continue;
      places.set(place, Math.max(places.get(place) ?? Number.NEGATIVE_INFINITY, reading.v));
    }
    if (places.size === 0) continue;
    const persons = [...places.values()].reduce((sum, value) => sum + value, 0);
    steps.push({ start, persons });
  }
  return steps;
}

export interface TextInterval {
  readonly meter: number;
  readonly start: number;
  readonly ms: number;
  /** Null across a reset. */
  readonly joules: number | null;
  readonly gap: boolean;
}

/** Metered intervals that begin in [from, to). */
export function meterIntervals(
  meter: TextPoint,
  samples: readonly TextSample[],
  from: number,
  to: number,
): readonly TextInterval[] {
  const readings = readingsOf(samples, meter.no);
  const inside = (t: number): boolean => t >= from && t < to;
  const intervalMs = (meter.interval ?? Number.NaN) * 1000;
  if (meter.kind === "interval")
    return readings
      .filter(({ t }) => inside(t))
      .map(({ t, v }) => ({ meter: meter.no, start: t, ms: intervalMs, joules: v, gap: false }));
  return readings.slice(0, -1).flatMap(({ t, v }, i) => {
    const next = readings[i + 1]!;
    const reset = next.v < v;
    const gap = !reset && next.t - t > 1.5 * intervalMs;
    return inside(t)
      ? [{ meter: meter.no, start: t, ms: next.t - t, joules: reset ? null : next.v - v, gap }]
      : [];
  });
}

/** Mean watts of all meters together in each demand interval of `lengthMs`. */
export function demandOf(
  intervals: readonly TextInterval[],
  lengthMs: number,
): ReadonlyMap<number, { readonly watts: number; readonly joules: number }> {
  const slots = new Map<number, Map<number, { joules: number; ms: number }>>();
  for (const { meter, start, ms, joules } of intervals) {
    if (joules === null) continue;
    const slot = Math.floor(start / lengthMs) * lengthMs;
    const meters = slots.get(slot) ?? new Map<number, { joules: number; ms: number }>();
    slots.set(slot, meters);
    const sum = meters.get(meter) ?? { joules: 0, ms: 0 };
    meters.set(meter, { joules: sum.joules + joules, ms: sum.ms + ms });
  }
  return new Map(
    [...slots]
      .sort(([a], [b]) => a - b)
      .map(([slot, meters]) => [
        slot,
        {
          watts: [...meters.values()].reduce(
            (sum, { joules, ms }) => sum + joules / (ms / 1000),
            0,
          ),
          joules: [...meters.values()].reduce((sum, { joules }) => sum + joules, 0),
        },
      ]),
  );
}
