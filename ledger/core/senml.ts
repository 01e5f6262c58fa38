// SenML packs in CBOR (RFC 8428, secondary units of RFC 8798 with the version of RFC 9100).

import { type Cbor, decode, type Encodable, encode } from "./cbor.ts";
import { FormatError } from "./errors.ts";

/** A resolved record: full name, own unit, and its time in seconds (fractions allowed): since 1970, or 0 and less from a
 * device without a clock, which counts back from when it sent the pack (RFC 8428 4.5.3). */
export interface SenmlRecord {
  readonly name: string;
  readonly unit?: string;
  readonly value?: number | string | boolean | Uint8Array;
  /** RFC 8428 4.2: the value integrated over time, in unit × seconds. */
  readonly sum?: number;
  readonly time: number;
}

/** Labels of RFC 8428 table 4. */
const LABEL = {
  bver: -1,
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  bs: -6,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
  vd: 8,
} as const;
const KNOWN_LABELS: ReadonlySet<Cbor> = new Set(Object.values(LABEL));
/** Labels of measured numbers: a device may write 21.0 as a float. A version is an integer. */
const MEASURED: ReadonlySet<Cbor> = new Set([
  LABEL.bt,
  LABEL.bv,
  LABEL.bs,
  LABEL.v,
  LABEL.s,
  LABEL.t,
  LABEL.ut,
]);

/** Media type and limits (FORMAT 1). */
export const SENML_CBOR = 112;
export const RECORDS_MAX = 256;
/** RFC 8428 4.5.3: a smaller time is relative to "now". */
const ABSOLUTE_TIME_MIN = 2 ** 28;
/** Seconds since 1970 in the year 36812: no clock is right beyond, and no calendar need hold it. */
export const TIME_MAX = 2 ** 40;
const NAME_LENGTH_MAX = 128;

/** Primary units of the SenML registry that building points use (RFC 8428 12.1). */
const PRIMARY_UNITS: ReadonlySet<string> = new Set(
  "m kg g s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H Cel lm lx Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s W/m2 cd/m2 bit bit/s lat lon pH dB dBW count / %RH %EL EL 1/s 1/min beat/min beats S/m B VA VAs var vars J/m kg/m3 deg NTU".split(
    " ",
  ),
);
/** Secondary units (RFC 8798), legal only in a pack of version 26. */
const SECONDARY_UNITS: ReadonlySet<string> = new Set(
  "ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s MB/s mV mA dBm ug/m3 mm/h m/h ppm /100 /1000 hPa mm cm km km/h".split(
    " ",
  ),
);

/** Encodes a pack; the first record carries the common time, if it is an absolute one, and version 26, if any unit is
 * secondary. A pack must come from records in the order they are to stand. Errors: `senml.*`. */
export function encodePack(records: readonly SenmlRecord[]): Uint8Array {
  if (records.length < 1 || records.length > RECORDS_MAX)
    throw new FormatError("senml.structure", `${records.length} records`);
  let base = isRelative(records[0]!.time) ? 0 : records[0]!.time;
  const secondary = records.some(({ unit }) => unit !== undefined && SECONDARY_UNITS.has(unit));
  const pack = records.map((record, i) => {
    const map = new Map<Cbor, Encodable>();
    if (i === 0 && secondary) map.set(LABEL.bver, 26);
    if (i === 0 && base !== 0) map.set(LABEL.bt, base);
    map.set(LABEL.n, record.name);
    if (record.unit !== undefined) map.set(LABEL.u, record.unit);
    const { value } = record;
    if (typeof value === "number") map.set(LABEL.v, value);
    else if (typeof value === "string") map.set(LABEL.vs, value);
    else if (typeof value === "boolean") map.set(LABEL.vb, value);
    else if (value !== undefined) map.set(LABEL.vd, value);
    if (record.sum !== undefined) map.set(LABEL.s, record.sum);
    // RFC 8428 4.5.3: t is added to bt, so the difference must be exact in binary; else it is written as its own base.
    if (record.time !== base) {
      if (base + (record.time - base) === record.time) map.set(LABEL.t, record.time - base);
      else {
        base = record.time; // stays in force for the records that follow
        map.set(LABEL.bt, base);
      }
    }
    return map;
  });
  return encode(pack);
}

/** Whether a time counts back from when its pack was sent; every other time is absolute. */
export function isRelative(time: number): boolean {
  return time <= 0;
}

/** Reads and resolves a pack (RFC 8428 4.6), strictly: else `senml.*` or `cbor.*`. Its times are all absolute or all
 * relative. */
export function decodePack(bytes: Uint8Array): SenmlRecord[] {
  const pack = decode(bytes, { wholeFloats: MEASURED });
  if (!Array.isArray(pack) || pack.length < 1 || pack.length > RECORDS_MAX)
    throw new FormatError("senml.structure");
  const base: Base = {
    name: "",
    time: 0,
    unit: undefined,
    value: undefined,
    sum: undefined,
    version: 10,
  };
  const records = pack.map((item: Cbor, i: number) => resolve(item, base, i));
  const odd = records.findIndex(({ time }) => isRelative(time) !== isRelative(records[0]!.time));
  if (odd !== -1) throw new FormatError("senml.time", `${records[odd]!.time} in record ${odd}`);
  return records;
}

interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: number | undefined;
  sum: number | undefined;
  version: number;
}

function resolve(item: Cbor, base: Base, i: number): SenmlRecord {
  if (!(item instanceof Map)) throw new FormatError("senml.structure", `record ${i} is no map`);
  const record: ReadonlyMap<Cbor, Cbor> = item;
  for (const label of record.keys()) {
    if (!KNOWN_LABELS.has(label))
      throw new FormatError("senml.label", `${String(label)} in record ${i}`);
  }
  const version = record.get(LABEL.bver);
  if (version !== undefined) {
    if ((version !== 10 && version !== 26) || i > 0)
      throw new FormatError("senml.version", `${String(version)} in record ${i}`);
    base.version = version;
  }
  base.name = text(record, LABEL.bn, "senml.name", i) ?? base.name;
  base.time = number(record, LABEL.bt, "senml.time", i) ?? base.time;
  base.unit = text(record, LABEL.bu, "senml.unit", i) ?? base.unit;
  base.value = number(record, LABEL.bv, "senml.value", i) ?? base.value;
  base.sum = number(record, LABEL.bs, "senml.value", i) ?? base.sum;

  const name = base.name + (text(record, LABEL.n, "senml.name", i) ?? "");
  if (!/^[A-Za-z0-9][-A-Za-z0-9:./_]*$/.test(name) || name.length > NAME_LENGTH_MAX) {
    throw new FormatError(
      "senml.name",
      `${JSON.stringify(name.slice(0, NAME_LENGTH_MAX))} in record ${i}`,
    );
  }
  const unit = text(record, LABEL.u, "senml.unit", i) ?? base.unit;
  if (
    unit !== undefined &&
    !PRIMARY_UNITS.has(unit) &&
    !(base.version === 26 && SECONDARY_UNITS.has(unit))
  ) {
    throw new FormatError(
      "senml.unit",
      `${JSON.stringify(unit)} in record ${i}, version ${base.version}`,
    );
  }
  const time = base.time + (number(record, LABEL.t, "senml.time", i) ?? 0);
  const absolute = time >= ABSOLUTE_TIME_MIN && time < TIME_MAX;
  if (!absolute && !(isRelative(time) && time > -ABSOLUTE_TIME_MIN))
    throw new FormatError("senml.time", `${time} in record ${i}`);
  number(record, LABEL.ut, "senml.time", i);
  const value = measured(record, base, i);
  const own = number(record, LABEL.s, "senml.value", i);
  const sum =
    own === undefined && base.sum === undefined ? undefined : added(own ?? 0, base.sum, i);
  if (value === undefined && sum === undefined)
    throw new FormatError("senml.value", `none in record ${i}`);
  return {
    name,
    time,
    ...(unit === undefined ? {} : { unit }),
    ...(value === undefined ? {} : { value }),
    ...(sum === undefined ? {} : { sum }),
  };
}

function measured(record: ReadonlyMap<Cbor, Cbor>, base: Base, i: number): SenmlRecord["value"] {
  const kinds = [LABEL.v, LABEL.vs, LABEL.vb, LABEL.vd].filter((label) => record.has(label));
  if (kinds.length > 1)
    throw new FormatError("senml.value", `${kinds.length} values in record ${i}`);
  const value = number(record, LABEL.v, "senml.value", i);
  if (value !== undefined) return added(value, base.value, i);
  const vb = record.get(LABEL.vb);
  if (vb !== undefined && typeof vb !== "boolean")
    throw new FormatError("senml.value", `record ${i}`);
  const vd = record.get(LABEL.vd);
  if (vd !== undefined && !(vd instanceof Uint8Array))
    throw new FormatError("senml.value", `record ${i}`);
  return text(record, LABEL.vs, "senml.value", i) ?? vb ?? vd ?? base.value;
}

/** Two finite numbers may still add up to infinity, which no reading is. */
function added(own: number, base: number | undefined, i: number): number {
  const total = own + (base ?? 0);
  if (!Number.isFinite(total)) throw new FormatError("senml.value", `${total} in record ${i}`);
  return total;
}

type SenmlCode = "senml.name" | "senml.unit" | "senml.value" | "senml.time";

function text(
  record: ReadonlyMap<Cbor, Cbor>,
  label: number,
  code: SenmlCode,
  i: number,
): string | undefined {
  const value = record.get(label);
  if (value !== undefined && typeof value !== "string")
    throw new FormatError(code, `record ${i}, label ${label}`);
  return value;
}

/** Integers beyond 2^53 would lose digits as numbers, so they are refused rather than rounded. */
function number(
  record: ReadonlyMap<Cbor, Cbor>,
  label: number,
  code: SenmlCode,
  i: number,
): number | undefined {
  const value = record.get(label);
  if (value !== undefined && typeof value !== "number")
    throw new FormatError(code, `record ${i}, label ${label}`);
  return value;
}
