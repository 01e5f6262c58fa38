// Degree-days of a day: how far its mean outdoor temperature lay below or above a base (ASHRAE Handbook, Fundamentals).

/** Heating degree-days, in kelvin-days. */
export function heatingDegrees(meanCelsius: number, baseCelsius: number): number {
  return Math.max(0, baseCelsius - meanCelsius);
}

/** Cooling degree-days, in kelvin-days. */
export function coolingDegrees(meanCelsius: number, baseCelsius: number): number {
  return Math.max(0, meanCelsius - baseCelsius);
}
