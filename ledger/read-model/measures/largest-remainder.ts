// Rounding that keeps the sum: whole units by largest remainder (Hamilton 1792); integers only (D11).

/** `value` / `unit` to the nearest whole number, halves up; both ≥ 0. */
export function rounded(value: bigint, unit: bigint): bigint {
  return (2n * value + unit) / (2n * unit);
}

/**
 * `parts` (each ≥ 0) in whole `unit`s whose sum is their rounded sum: each is rounded down, and what is left goes, one by one, to the
 * greatest remainders, the earlier of equals first.
 */
export function largestRemainder(parts: readonly bigint[], unit: bigint): readonly bigint[] {
  const whole = parts.map((part) => part / unit);
  const sum = (values: readonly bigint[]): bigint =>
    values.reduce((total, value) => total + value, 0n);
  const left = Number(rounded(sum(parts), unit) - sum(whole));
  const byRemainder = parts
    .map((part, i) => ({ i, remainder: part % unit }))
    .sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1));
  for (const { i } of byRemainder.slice(0, left)) whole[i]! += 1n;
  return whole;
}
