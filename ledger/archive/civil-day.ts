// Which local civil day an access event belongs to, and when that day is over (IANA zones, from the runtime's own tables).

const DAY_MS = 86_400_000;
/** Every offset that a zone has had since 1972 is a multiple of this. */
const OFFSET_STEP_MS = 900_000;
const formats = new Map<string, Intl.DateTimeFormat | null>();

/** The local date, YYYY-MM-DD, of an instant (ms since 1970). A zone that this runtime does not know is taken for UTC. */
export function civilDate(zone: string, at: number): string {
  const format = formatOf(zone);
  if (format === null) return new Date(at).toISOString().slice(0, 10);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.get("year")!.padStart(4, "0")}-${parts.get("month")}-${parts.get("day")}`;
}

/** The first instant (ms since 1970) after a local date. */
export function civilDayEnd(zone: string, date: string): number {
  // A day ends somewhere between 14 hours before and 12 hours after UTC's; the date at each step tells.
  const end = Date.parse(`${date}T00:00:00Z`) + DAY_MS;
  let [low, high] = [end - DAY_MS, end + DAY_MS];
  while (high - low > OFFSET_STEP_MS) {
    const middle = low + Math.floor((high - low) / 2 / OFFSET_STEP_MS) * OFFSET_STEP_MS;
    if (civilDate(zone, middle) <= date) low = middle;
    else high = middle;
  }
  return high;
}

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", {
        timeZone: zone,
        calendar: "iso8601",
        numberingSystem: "latn",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
      });
    } catch {
      format = null;
    }
    formats.set(zone, format);
  }
  return format;
}
