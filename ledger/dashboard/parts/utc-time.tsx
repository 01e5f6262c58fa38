// Times of the ledger, its gateways and devices: UTC, as they belong to no building.
import type { ReactNode } from "react";
import { formatTime } from "../time/zone.ts";

/** `Nov 22, 2026, 21:29:20 UTC`. */
export function utcText(time: string): string {
  return `${formatTime(time, "UTC", "second")} UTC`;
}

/** The time on one line; null says that it never was. */
export function UtcTime({ time }: { readonly time: string | null }): ReactNode {
  return time === null ? "never" : <span className="nowrap">{utcText(time)}</span>;
}
