// The range that the address says, on a building's clock; it stands still between full hours.
import { useMemo } from "react";
import { useLocation } from "../location/location.ts";
import { type Range, rangeOf } from "./range.ts";

const hourMs = 3_600_000;

/** The same object as long as the address and the hour stay the same. */
export function useRange(zone: string): Range {
  const { search } = useLocation();
  const hour = Math.floor(Date.now() / hourMs);
  return useMemo(
    () => rangeOf(new URLSearchParams(search), zone, hour * hourMs + 1),
    [search, zone, hour],
  );
}
