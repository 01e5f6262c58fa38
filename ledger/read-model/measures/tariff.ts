// A tariff: the value of the policy `tariff.electricity`, effective-dated (D11); amounts are whole microdollars.

import { type Cbor, encode, sha256, toHex } from "@muniment/core";

/** When a charge applies: in all of the named months, weekdays and minutes; what is not named always fits. */
interface Window {
  /** 1 to 12. */
  readonly months: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | null;
  /** Local civil minutes, [from, to). */
  readonly minutes: readonly [from: number, to: number];
}

export interface EnergyBlock extends Window {
  readonly name: string;
  readonly microdollarsPerKwh: number;
}

export interface DemandCharge extends Window {
  readonly name: string;
  readonly microdollarsPerKw: number;
}

export interface Tariff {
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly fixedMicrodollarsPerMonth: number;
  /** An interval is charged by the first block that fits its start; one that fits none costs nothing. */
  readonly energy: readonly EnergyBlock[];
  /** Each charges the greatest demand among the intervals that fit it. */
  readonly demand: readonly DemandCharge[];
  /** SHA-256 of the policy value in deterministic CBOR, hex. */
  readonly version: string;
}

const minutesADay = 1_440;

/** Reads a policy value; null when it is not a tariff. */
export function readTariff(value: Cbor): Tariff | null {
  if (!(value instanceof Map)) return null;
  const name = value.get("name");
  const currency = value.get("currency") ?? "USD";
  const fixed = value.get("fixedMicrodollarsPerMonth") ?? 0;
  const energy = listOf(value.get("energy"), (item) => charge(item, "microdollarsPerKwh"));
  const demand = listOf(value.get("demand") ?? [], (item) => charge(item, "microdollarsPerKw"));
  if (typeof name !== "string" || typeof currency !== "string" || !isAmount(fixed)) return null;
  if (energy === null || demand === null) return null;
  return {
    name,
    currency,
    fixedMicrodollarsPerMonth: fixed,
    energy: energy.map(({ amount, ...block }) => ({ ...block, microdollarsPerKwh: amount })),
    demand: demand.map(({ amount, ...block }) => ({ ...block, microdollarsPerKw: amount })),
    version: toHex(sha256(encode(value))),
  };
}

/** Whether a charge applies at a local civil time, given as month, weekday and minute of the day. */
export function fits(
  { months, weekdays, minutes }: Window,
  at: { readonly month: number; readonly weekday: number; readonly minute: number },
): boolean {
  return (
    (months?.includes(at.month) ?? true) &&
    (weekdays?.includes(at.weekday) ?? true) &&
    at.minute >= minutes[0] &&
    at.minute < minutes[1]
  );
}

function charge(
  item: Cbor,
  field: string,
): (Window & { readonly name: string; readonly amount: number }) | null {
  if (!(item instanceof Map)) return null;
  const [name, amount] = [item.get("name"), item.get(field)];
  const months = item.has("months") ? listOf(item.get("months"), wholeIn(1, 12)) : null;
  const weekdays = item.has("weekdays") ? listOf(item.get("weekdays"), wholeIn(0, 6)) : null;
  const from = wholeIn(0, minutesADay)(item.get("from") ?? 0);
  const to = wholeIn(0, minutesADay)(item.get("to") ?? minutesADay);
  const readable =
    (months !== null || !item.has("months")) && (weekdays !== null || !item.has("weekdays"));
  if (typeof name !== "string" || !isAmount(amount) || !readable) return null;
  if (from === null || to === null || from >= to) return null;
  return { name, amount, months, weekdays, minutes: [from, to] };
}

function listOf<T>(value: Cbor | undefined, read: (item: Cbor) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const items = value.map((item: Cbor) => read(item));
  return items.every((item) => item !== null) ? items : null;
}

function wholeIn(min: number, max: number): (value: Cbor | undefined) => number | null {
  return (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? value
      : null;
}

function isAmount(value: Cbor | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
