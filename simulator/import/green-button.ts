// A Green Button file as energy by meter and interval (NAESB REQ.21 ESPI): what it says is kept, what cannot be kept is counted.
import { SimulatorError } from "../errors.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** One interval of a meter. */
export interface ImportedInterval {
  /** Start, unix seconds. */
  readonly start: number;
  readonly seconds: number;
  readonly joules: number;
  /** As the file has it: in 1/100,000 of the currency. */
  readonly cost: number | null;
  /** Codes of QualityOfReading, in order. */
  readonly qualities: readonly number[];
}

export interface ImportedMeter {
  /** Name of its energy point. */
  readonly point: string;
  readonly title: string;
  /** 1 delivered to the building, 19 received from it, 4 net; 0 when the file does not say. */
  readonly flowDirection: number;
  /** Declared length of an interval, seconds. */
  readonly seconds: number;
  /** ISO 4217 number of the costs' currency, or null. */
  readonly currency: number | null;
  /** In order of time; of several values for one start the last of the file. */
  readonly intervals: readonly ImportedInterval[];
}

export interface GreenButtonFile {
  readonly meters: readonly ImportedMeter[];
  /** What the file holds besides, by name of the element, with how often. */
  readonly left: Readonly<Record<string, number>>;
}

/** Joules of one unit, by UnitSymbolKind. */
const JOULES: Readonly<Record<number, number>> = { 72: 3_600, 31: 1 };
const DELTA_DATA = 4;
/** CommodityKind: not said, electricity at the meter's secondary or primary side. */
const ELECTRICITY = new Set([0, 1, 2]);
const POINT_OF_FLOW: Readonly<Record<number, string>> = { 4: "energy-net", 19: "energy-received" };
/** Sample values and structures that are read; everything else of an IntervalReading is counted as left. */
const READ = new Set(["cost", "ReadingQuality", "timePeriod", "value"]);
const RESOURCES = new Set([
  "UsagePoint",
  "MeterReading",
  "ReadingType",
  "IntervalBlock",
  "LocalTimeParameters",
]);

interface Entry {
  readonly self: string;
  readonly up: string;
  readonly related: readonly string[];
  readonly title: string;
  readonly resource: XmlElement;
}

/** Reads a file. Throws greenbutton.format, or greenbutton.unsupported when it measures something other than electric energy by interval. */
export function parseGreenButton(text: string): GreenButtonFile {
  const resources = new Map<string, Entry[]>();
  const left: Record<string, number> = {};
  const leave = (name: string): void => {
    left[name] = (left[name] ?? 0) + 1;
  };
  for (const entry of parseXml(text, "feed").all("entry")) {
    const content = entry.first("content");
    for (const kind of content?.names ?? []) {
      if (!RESOURCES.has(kind)) leave(kind);
      for (const resource of content?.all(kind) ?? []) {
        const list = resources.get(kind) ?? [];
        resources.set(kind, list);
        list.push({ ...linksOf(entry), title: entry.textOf("title") ?? "", resource });
      }
    }
  }
  const readings = resources.get("MeterReading") ?? [];
  const types = resources.get("ReadingType") ?? [];
  const blocks = resources.get("IntervalBlock") ?? [];
  const points = new Map<string, number>();
  const meters = readings.map((reading) => {
    const own = blocks.filter(({ up }) => reading.related.includes(up));
    const type = types.find(({ self }) => reading.related.includes(self));
    // A file of one meter needs no links to be understood.
    const meter = meterOf(
      reading.title,
      type ?? only(types, `the ReadingType of ${reading.self}`),
      own.length === 0 && readings.length === 1 ? blocks : own,
      leave,
    );
    const name = POINT_OF_FLOW[meter.flowDirection] ?? "energy";
    const before = points.get(name) ?? 0;
    points.set(name, before + 1);
    return { ...meter, point: before === 0 ? name : `${name}-${before + 1}` };
  });
  if (meters.length === 0) throw wrong("expected a MeterReading");
  return { meters, left };
}

function linksOf(entry: XmlElement): Pick<Entry, "self" | "up" | "related"> {
  const links = entry.all("link").map(({ attributes }) => attributes);
  const href = (rel: string): string => links.find((link) => link.rel === rel)?.href ?? "";
  return {
    self: href("self"),
    up: href("up"),
    related: links.filter(({ rel }) => rel === "related").map((link) => link.href ?? ""),
  };
}

function only(entries: readonly Entry[], what: string): Entry {
  const [entry] = entries;
  if (entry === undefined || entries.length > 1)
    throw wrong(`expected a link to ${what}, found ${entries.length} to choose from`);
  return entry;
}

function meterOf(
  title: string,
  { resource: type }: Entry,
  blocks: readonly Entry[],
  leave: (name: string) => void,
): Omit<ImportedMeter, "point"> {
  const code = (name: string): number | null => wholeOf(type, name);
  const uom = code("uom") ?? 72;
  const joules = JOULES[uom];
  if (joules === undefined) throw unsupported("uom", uom, "72 (Wh) or 31 (J)");
  const accumulation = code("accumulationBehaviour") ?? DELTA_DATA;
  if (accumulation !== DELTA_DATA)
    throw unsupported("accumulationBehaviour", accumulation, "4 (delta data)");
  const commodity = code("commodity") ?? 0;
  if (!ELECTRICITY.has(commodity))
    throw unsupported("commodity", commodity, "1 or 2 (electricity)");
  const factor = joules * 10 ** (code("powerOfTenMultiplier") ?? 0);
  const declared = code("intervalLength");

  const intervals = new Map<number, ImportedInterval>();
  for (const { resource: block } of blocks) {
    const blockStart = wholeOf(block.first("interval"), "start");
    for (const [i, reading] of block.all("IntervalReading").entries()) {
      const period = reading.first("timePeriod");
      // Without a period of their own, readings follow each other from the start of their block.
      const inBlock = blockStart === null || declared === null ? null : blockStart + i * declared;
      const start = wholeOf(period, "start") ?? inBlock;
      const seconds = wholeOf(period, "duration") ?? declared;
      const value = wholeOf(reading, "value");
      if (start === null || seconds === null || value === null) {
        leave("IntervalReading without time or value");
        continue;
      }
      for (const name of reading.names) if (!READ.has(name)) leave(name);
      if (intervals.has(start)) leave("IntervalReading said again");
      intervals.set(start, {
        start,
        seconds,
        joules: exact(value * factor),
        cost: wholeOf(reading, "cost"),
        qualities: reading
          .all("ReadingQuality")
          .map((quality) => wholeOf(quality, "quality"))
          .filter((quality) => quality !== null),
      });
    }
  }
  const inOrder = [...intervals.values()].sort((a, b) => a.start - b.start);
  const seconds = declared ?? inOrder[0]?.seconds ?? null;
  if (seconds === null) throw wrong(`expected an intervalLength or an interval of ${title}`);
  return {
    title,
    flowDirection: code("flowDirection") ?? 0,
    seconds,
    currency: code("currency"),
    intervals: inOrder,
  };
}

/** A whole number in a child element; null where there is none. */
function wholeOf(element: XmlElement | null, name: string): number | null {
  const text = element?.textOf(name) ?? null;
  if (text === null) return null;
  const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw wrong(`expected a whole number in ${name}, got ${JSON.stringify(text.slice(0, 40))}`);
  return value;
}

function exact(joules: number): number {
  const whole = Math.round(joules);
  if (!Number.isSafeInteger(whole)) throw wrong(`expected joules below 2^53, got ${joules}`);
  return whole;
}

function wrong(found: string): SimulatorError {
  return new SimulatorError("greenbutton.format", found);
}

function unsupported(name: string, found: number, expected: string): SimulatorError {
  return new SimulatorError("greenbutton.unsupported", `${name} ${found}, expected ${expected}`);
}
