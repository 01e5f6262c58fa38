// Carbon of electricity: energy × the output emission rate of its grid (EPA eGRID), which is data of a year and subregion, not code (D11).

import type { Cbor } from "@muniment/core";
import { kwhOf } from "./interval-energy.ts";

/** The value of the policy `carbon.electricity`. */
export interface CarbonRate {
  /** Grams of CO2 equivalent a kilowatt-hour. */
  readonly gPerKwh: number;
  /** Year of the data. */
  readonly year: number;
  readonly subregion: string;
}

/** Reads a policy value; null when it is not one. */
export function readCarbonRate(value: Cbor): CarbonRate | null {
  if (!(value instanceof Map)) return null;
  const [gPerKwh, year, subregion] = ["gPerKwh", "year", "subregion"].map((name) =>
    value.get(name),
  );
  const readable =
    typeof gPerKwh === "number" &&
    Number.isFinite(gPerKwh) &&
    gPerKwh >= 0 &&
    typeof year === "number" &&
    typeof subregion === "string";
  return readable ? { gPerKwh, year, subregion } : null;
}

/** Kilograms of CO2 equivalent. */
export function carbonKg(joules: number, { gPerKwh }: CarbonRate): number {
  return (kwhOf(joules) * gPerKwh) / 1000;
}
