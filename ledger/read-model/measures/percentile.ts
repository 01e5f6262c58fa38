// Percentiles: the linear estimator between order statistics (Hyndman and Fan 1996, type 7; the default of R and NumPy).

/** The quantile of `ascending` values at `share`, 0 to 1; null of none. */
export function quantile(ascending: readonly number[], share: number): number | null {
  if (ascending.length === 0) return null;
  const at = (ascending.length - 1) * share;
  const low = ascending[Math.floor(at)]!;
  const high = ascending[Math.ceil(at)]!;
  return low + (high - low) * (at - Math.floor(at));
}
