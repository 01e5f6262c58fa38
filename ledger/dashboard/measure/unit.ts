// Units as people read them: joules become kWh, a CO2 ratio becomes ppm (formats F1 lists what devices send).

import { formatNumber, unknown } from "./number.ts";

export interface DisplayUnit {
  readonly label: string;
  readonly scale: number; // shown = sent × scale
  readonly digits: number;
}

const units: Readonly<Record<string, DisplayUnit>> = {
  J: { label: "kWh", scale: 1 / 3_600_000, digits: 2 },
  W: { label: "kW", scale: 1 / 1_000, digits: 2 },
  Cel: { label: "°C", scale: 1, digits: 1 },
  "%RH": { label: "% RH", scale: 1, digits: 0 },
  lx: { label: "lx", scale: 1, digits: 0 },
  Pa: { label: "Pa", scale: 1, digits: 0 },
  ppm: { label: "ppm", scale: 1, digits: 0 },
  count: { label: "persons", scale: 1, digits: 0 },
};

/** How to show a point's values; a unit without a rule is shown as sent. */
export function displayUnit(unit: string, brick: string | null): DisplayUnit {
  if (unit === "/" && brick?.includes("CO2")) return { label: "ppm", scale: 1_000_000, digits: 0 };
  if (unit === "count" && brick !== null && !brick.includes("Occupancy"))
    return { label: "", scale: 1, digits: 0 };
  return units[unit] ?? { label: unit, scale: 1, digits: 2 };
}

/** A value with its unit as people read it; null is a dash. */
export function formatValue(
  { unit, brick }: { readonly unit: string; readonly brick: string | null },
  value: number | null,
): string {
  const { label, scale, digits } = displayUnit(unit, brick);
  return value === null ? unknown : `${formatNumber(value * scale, digits)} ${label}`.trimEnd();
}
