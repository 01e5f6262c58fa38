// Wall-clock time in a zone and instants, both ways; a zone is an IANA name or a fixed offset such as +00:00 (RFC 3339 time-numoffset, IANA tz).

/** Calendar fields as a clock on the wall shows them. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A zone's two questions. Instants and offsets are whole seconds. */
export interface Zone {
  readonly name: string;
  /** Seconds that the zone's wall clock is ahead of UTC at an instant. */
  offsetAt(instant: number): number;
  /** The instants that show this wall time: one, none (skipped when clocks go forward) or two (repeated). */
  instantsOf(wall: WallTime): readonly number[];
}

const fixedOffset = /^([+-])(\d{2}):(\d{2})$/;

/** The zone of that name. Throws RangeError for a name that is neither an offset nor an IANA zone. */
export function zone(name: string): Zone {
  const fixed = fixedOffset.exec(name);
  if (fixed !== null) {
    const size = Number(fixed[2]) * 3600 + Number(fixed[3]) * 60;
    return withOffsets(name, () => (fixed[1] === "-" ? -size : size));
  }
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const known = new Map<number, number>();
  return withOffsets(name, (instant) => {
    // Zones change offset on quarter-hours only, so one answer serves the quarter-hour.
    const quarter = Math.floor(instant / 900);
    let offset = known.get(quarter);
    if (offset === undefined) {
      const shown = new Map(
        format.formatToParts(quarter * 900_000).map((part) => [part.type, Number(part.value)]),
      );
      const field = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
      const wall = Date.UTC(
        field("year"),
        field("month") - 1,
        field("day"),
        field("hour"),
        field("minute"),
        field("second"),
      );
      offset = wall / 1000 - quarter * 900;
      if (known.size >= offsetsRememberedMax) known.clear();
      known.set(quarter, offset);
    }
    return offset;
  });
}

const offsetsRememberedMax = 100_000;

/** The wall time that a zone shows at an instant. */
export function wallTimeAt(place: Zone, instant: number): WallTime {
  const shown = new Date((instant + place.offsetAt(instant)) * 1000);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** The instant of a wall time: of a repeated one the first that is after `last`; null when clocks skipped it. */
export function instantIn(place: Zone, wall: WallTime, last: number): number | null {
  const instants = place.instantsOf(wall);
  return instants.find((instant) => instant > last) ?? instants[0] ?? null;
}

function withOffsets(name: string, offsetAt: (instant: number) => number): Zone {
  return {
    name,
    offsetAt,
    instantsOf: (wall) => {
      const asUtc =
        Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) / 1000;
      const nearby = new Set([offsetAt(asUtc - 86_400), offsetAt(asUtc + 86_400)]);
      return [...nearby]
        .map((offset) => asUtc - offset)
        .filter((instant) => instant + offsetAt(instant) === asUtc)
        .sort((a, b) => a - b);
    },
  };
}
