// Utility bills as a meter's running total: one row a bill, as ENERGY STAR Portfolio Manager's meter spreadsheets have them.
import type { SenmlRecord } from "@muniment/core";
import { csvRecords } from "../csv.ts";
import type { Point } from "../devices.ts";
import { SimulatorError } from "../errors.ts";
import { timeReader } from "../replay-time.ts";
import { instantIn, wallTimeAt, type Zone } from "../zone.ts";

/** Headings of the columns; cost and estimation may be missing. */
export interface BillColumns {
  readonly start: string;
  readonly end: string;
  readonly usage: string;
  readonly cost: string;
  readonly estimation: string;
}

/** Joules of one unit of usage; a British thermal unit is that of the international table (ISO 31-4). */
export const billUnits = { kWh: 3_600_000, MWh: 3_600_000_000, kBtu: 1_055_055.85262 } as const;

export interface BillRules {
  readonly columns: BillColumns;
  readonly unit: keyof typeof billUnits;
  /** Pattern of the dates, such as YYYY-MM-DD or MM/DD/YYYY; they begin at midnight in the zone. */
  readonly dates: string;
  readonly zone: Zone;
  /** Whether the end is the last day of the bill, not the day after it. */
  readonly endIncluded: boolean;
}

export interface Bills {
  readonly records: readonly SenmlRecord[];
  /** Rows that are no bills, by why. */
  readonly left: Readonly<Record<string, number>>;
}

/** What a device of bills has: a total that grows at each bill's end, and beside it what the bill cost and whether it was estimated. */
export const billPoints: readonly Point[] = [
  {
    name: "energy",
    unit: "J",
    kind: "counter",
    brick: "Electrical_Energy_Usage_Sensor",
    label: "Bills, as a running total",
  },
  { name: "energy-cost", unit: "/", kind: "event", label: "Cost of the bill that begins, cents" },
  {
    name: "energy-estimated",
    unit: "/",
    kind: "event",
    label: "1: the bill that begins is estimated",
  },
];

/**
 * Reads bills in order of time. A bill says what was used between two days, so it is two readings of a total; months need not be equally
 * long. Where no bill covers the time between two others the total begins again at 0: the measures then know a reset, and count
 * nothing that nobody knows. Throws csv.format; rows that overlap the bill before, or cannot be read, are counted as left.
 */
export async function readBills(
  chunks: AsyncIterable<string> | Iterable<string>,
  { columns, unit, dates, zone, endIncluded }: BillRules,
): Promise<Bills> {
  const records: SenmlRecord[] = [];
  const left: Record<string, number> = {};
  const leave = (why: string): void => {
    left[why] = (left[why] ?? 0) + 1;
  };
  const readDate = timeReader(dates, zone);
  const dateOf = (cell: string | undefined): number | null => {
    const read = readDate((cell ?? "").trim());
    return read.ok ? read.time : null;
  };
  let header: ReadonlyMap<string, number> | null = null;
  let until = Number.NEGATIVE_INFINITY;
  let total = 0;
  for await (const { fields } of csvRecords(chunks)) {
    if (header === null) {
      header = headerOf(fields, columns);
      continue;
    }
    const cell = (name: string): string | undefined => fields[header?.get(name) ?? -1]?.trim();
    const start = dateOf(cell(columns.start));
    const last = dateOf(cell(columns.end));
    const used = numberOf(cell(columns.usage));
    if (start === null || last === null) {
      leave("bill without dates");
      continue;
    }
    if (used === null) {
      leave("bill without usage");
      continue;
    }
    const end = endIncluded ? nextDay(last, zone) : last;
    if (start < until || end <= start) {
      leave(start < until ? "bill that overlaps the one before" : "bill that ends as it begins");
      continue;
    }
    if (start > until) {
      total = 0;
      records.push({ name: "energy", unit: "J", value: total, time: start });
    }
    const cost = numberOf(cell(columns.cost));
    if (cost !== null)
      records.push({ name: "energy-cost", unit: "/", value: Math.round(cost * 100), time: start });
    const estimation = cell(columns.estimation);
    if (estimation)
      records.push({
        name: "energy-estimated",
        unit: "/",
        value: /^(yes|true|y|1|estimated)$/i.test(estimation) ? 1 : 0,
        time: start,
      });
    total += Math.round(used * billUnits[unit]);
    records.push({ name: "energy", unit: "J", value: total, time: end });
    until = end;
  }
  return { records, left };
}

function headerOf(
  fields: readonly string[],
  { start, end, usage }: BillColumns,
): ReadonlyMap<string, number> {
  const header = new Map(fields.map((name, i) => [name.trim(), i]));
  for (const name of [start, end, usage])
    if (!header.has(name))
      throw new SimulatorError(
        "csv.format",
        `expected a column ${JSON.stringify(name)}, got ${fields.join(", ")}`,
      );
  return header;
}

/** An amount as spreadsheets write it, such as 1,234.50 or $12; null where there is none. */
function numberOf(cell: string | undefined): number | null {
  const text = (cell ?? "").replace(/[,$\s]/g, "");
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Midnight after the day that begins at an instant. Noon of the next day is 36 hours on, give or take the hour of a clock change. */
function nextDay(at: number, zone: Zone): number {
  const noon = wallTimeAt(zone, at + 129_600);
  return instantIn(zone, { ...noon, hour: 0, minute: 0, second: 0 }, at) ?? at;
}

/**
 * What of the records is new, for a point whose last reading is known: the total must go on where it stood, so the file must hold
 * the bills since the first one that was imported, as they were. Throws import.bills.
 */
export function continueAfter(
  records: readonly SenmlRecord[],
  last: { readonly time: number; readonly value: number } | null,
): readonly SenmlRecord[] {
  if (last === null) return records;
  const same = records.find(
    ({ name, time, value }) => name === "energy" && time === last.time && value === last.value,
  );
  if (same === undefined)
    throw new SimulatorError(
      "import.bills",
      `expected every bill since the first that was imported, with a total of ${last.value} J at ${new Date(last.time * 1000).toISOString()}`,
    );
  return records.slice(records.indexOf(same) + 1);
}
