// Instants as people of a building read them: its own time zone, one format everywhere (Intl).

const locale = "en-US";
const styles = {
  minute: { weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" },
  second: {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  },
  full: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { weekday: "short", month: "short", day: "numeric" },
  clock: { hour: "2-digit", minute: "2-digit" },
  name: { timeZoneName: "short" },
  parts: {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export type TimeStyle = "minute" | "second" | "full" | "day" | "clock";

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, style: keyof typeof styles): Intl.DateTimeFormat {
  const key = `${style} ${zone}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, {
    ...styles[style],
    timeZone: zone,
    hourCycle: "h23",
  });
  formatters.set(key, made);
  return made;
}

/** `Sun, Nov 22, 14:05` and the like; `time` is RFC 3339 or milliseconds. */
export function formatTime(
  time: string | number,
  zone: string,
  style: TimeStyle = "minute",
): string {
  return formatter(zone, style).format(new Date(time));
}

/** The zone's short name at that instant: `EST`, `GMT+1`, `UTC`. */
export function zoneName(zone: string, at: number): string {
  const part = formatter(zone, "name")
    .formatToParts(at)
    .find(({ type }) => type === "timeZoneName");
  return part?.value ?? zone;
}

const weekdays: readonly (string | undefined)[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export interface WallClock {
  readonly day: string; // YYYY-MM-DD
  readonly weekday: number; // 0 = Monday
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** What a clock and a calendar on the building's wall show at `ms`. */
export function wallClock(ms: number, zone: string): WallClock {
  const part: Record<string, string> = {};
  for (const { type, value } of formatter(zone, "parts").formatToParts(ms)) part[type] = value;
  return {
    day: `${part.year}-${part.month}-${part.day}`,
    weekday: weekdays.indexOf(part.weekday),
    hour: Number(part.hour),
    minute: Number(part.minute),
    second: Number(part.second),
  };
}

/** The first instant of a calendar day (`YYYY-MM-DD`) in the zone, in milliseconds; null for no such day. */
export function startOfDay(day: string, zone: string): number | null {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(utc)) return null;
  if (new Date(utc).toISOString().slice(0, 10) !== day) return null;
  // Offsets lie within UTC-12 and UTC+14 on quarter hours: the first quarter whose wall shows the day is its start.
  const quarterMs = 900_000;
  let low = utc - 14 * 3_600_000;
  let high = utc + 12 * 3_600_000;
  while (low < high) {
    const middle = low + Math.floor((high - low) / quarterMs / 2) * quarterMs;
    if (wallClock(middle, zone).day < day) low = middle + quarterMs;
    else high = middle;
  }
  return low;
}

/** The calendar day after (or `days` after) `day`. */
export function dayAfter(day: string, days = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
