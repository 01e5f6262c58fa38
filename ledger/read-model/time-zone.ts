// Civil time of a building: the offsets of an IANA zone over a period, from the runtime's own tables (ICU).

/** From `from` (ms since 1970) on, until the next segment, local time = UTC + `offset` ms. */
export interface OffsetSegment {
  readonly from: number;
  readonly offset: number;
}

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows the zone. */
export function isZone(zone: string): boolean {
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

/** The zone's offset from UTC at an instant, in ms. Throws RangeError for an unknown zone. */
function offsetAt(zone: string, at: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format(zone).formatToParts(at)) parts[type] = Number(value);
  const { year, month, day, hour, minute, second } = parts;
  const local = Date.UTC(year!, month! - 1, day!, hour! % 24, minute!, second!);
  return local - Math.floor(at / 1000) * 1000;
}

/** The offsets that hold in [from, to), in order; the first segment starts at `from`. Clock changes are found to the second. */
export function offsets(zone: string, from: number, to: number): readonly OffsetSegment[] {
  const segments: OffsetSegment[] = [{ from, offset: offsetAt(zone, from) }];
  for (let at = from; at < to; at += dayMs) {
    const until = Math.min(at + dayMs, to);
    const before = segments.at(-1)!.offset;
    const after = offsetAt(zone, until);
    if (after === before) continue;
    let low = at;
    let high = until;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (offsetAt(zone, middle) === before) low = middle;
      else high = middle;
    }
    segments.push({ from: Math.floor(high / 1000) * 1000, offset: after });
  }
  return segments;
}

/** An SQL expression for local civil time in ms, from `time`, an expression in ms since 1970 within the segments' period. */
export function localSql(time: string, segments: readonly OffsetSegment[]): string {
  const [first, ...later] = segments;
  const cases = later
    .toReversed()
    .map(({ from, offset }) => `WHEN ${time} >= ${from} THEN ${offset}`);
  const offset =
    cases.length === 0
      ? String(first!.offset)
      : `CASE ${cases.join(" ")} ELSE ${first!.offset} END`;
  return `(${time} + ${offset})`;
}

function format(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, known);
  }
  return known;
}
