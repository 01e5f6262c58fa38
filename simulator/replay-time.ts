// Times as a data set writes them become instants; what no clock ever showed is refused, what it showed twice is taken in order.
import { instantIn, type WallTime, type Zone } from "./zone.ts";

export type RowTime =
  | { readonly ok: true; readonly time: number }
  | { readonly ok: false; readonly code: "time.format" | "time.skipped" };

const fieldWidths = { YYYY: 4, YY: 2, MM: 2, DD: 2, hh: 2, mm: 2, ss: 2 } as const;
type FieldName = keyof typeof fieldWidths;
/** The century of years that are written in two digits. */
const century = 2000;

/** Reads the cells of one time column, in the file's order. Instants are unix seconds; `unix-ms` may give fractions. */
export function timeReader(format: string, place: Zone): (cell: string) => RowTime {
  let last = Number.NEGATIVE_INFINITY;
  const wall = format === "iso" ? readIso : patternReader(format);

  return (cell) => {
    if (format === "unix" || format === "unix-ms") {
      const value = cell.trim() === "" ? Number.NaN : Number(cell);
      const time = format === "unix" ? value : value / 1000;
      return Number.isFinite(time) ? { ok: true, time } : { ok: false, code: "time.format" };
    }
    const read = wall(cell.trim());
    if (read === null) return { ok: false, code: "time.format" };
    if (typeof read === "number") return { ok: true, time: read };
    const time = instantIn(place, read, last);
    if (time === null) return { ok: false, code: "time.skipped" };
    last = time;
    return { ok: true, time };
  };
}

const iso =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** RFC 3339, with or without the offset: an instant when it has one, else a wall time. */
function readIso(cell: string): WallTime | number | null {
  const match = iso.exec(cell);
  if (match === null) return null;
  if (match[7] !== undefined) {
    const time = Date.parse(cell.replace(" ", "T"));
    return Number.isNaN(time) ? null : time / 1000;
  }
  const part = (index: number) => Number(match[index] ?? 0);
  return checked({
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
  });
}

function patternReader(format: string): (cell: string) => WallTime | null {
  const order: FieldName[] = [];
  const pattern = format.replace(/YYYY|YY|MM|DD|hh|mm|ss|[^A-Za-z0-9]/g, (token) => {
    if (!(token in fieldWidths)) return token === " " ? " +" : `\\${token}`;
    order.push(token as FieldName);
    // Some files write 1/2/2019 under a padded pattern.
    return token === "YYYY" ? "(\\d{4})" : "(\\d{1,2})";
  });
  const matcher = new RegExp(`^${pattern}$`);
  return (cell) => {
    const match = matcher.exec(cell);
    if (match === null) return null;
    const part = (name: FieldName) => {
      const index = order.indexOf(name);
      return index < 0 ? 0 : Number(match[index + 1]);
    };
    return checked({
      year: order.includes("YY") ? century + part("YY") : part("YYYY"),
      month: part("MM"),
      day: part("DD"),
      hour: part("hh"),
      minute: part("mm"),
      second: part("ss"),
    });
  };
}

function checked(wall: WallTime): WallTime | null {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day));
  const real = date.getUTCMonth() === wall.month - 1 && date.getUTCDate() === wall.day;
  return real && wall.hour < 24 && wall.minute < 60 && wall.second < 60 ? wall : null;
}
