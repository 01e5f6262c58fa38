// Load factor: mean over peak demand, LF = kWh / (peak kW × hours) (FEMP, Metering Best Practices).

/** The load factor of a period of `ms` milliseconds, 0 to 1; null when there is no peak or no time. */
export function loadFactor(kwh: number, peakKw: number, ms: number): number | null {
  const hours = ms / 3_600_000;
  return peakKw > 0 && hours > 0 ? kwh / (peakKw * hours) : null;
}
