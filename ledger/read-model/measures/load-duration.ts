// Load duration curve: the load that was reached or exceeded in each share of the demand intervals (LBNL-3713E, Price 2010).

/** Points of a curve: each half per cent, both ends included. */
const pointsMax = 201;

/** Points (share 0 to 1, load) from ascending loads: the load at a share s is the ⌈s·n⌉th greatest, at 0 the greatest. None of none. */
export function loadDuration(
  ascending: readonly number[],
): readonly { readonly share: number; readonly load: number }[] {
  const n = ascending.length;
  if (n === 0) return [];
  return Array.from({ length: pointsMax }, (_, i) => {
    // In whole numbers: 0.07 × 100 is more than 7 in binary fractions.
    const rank = Math.max(1, Math.ceil((i * n) / (pointsMax - 1)));
    return { share: i / (pointsMax - 1), load: ascending[n - rank]! };
  });
}
