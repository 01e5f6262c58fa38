// CUSUM: the running sum of actual − predicted use; it climbs while more is used than the baseline predicts (ISO 50006; Harris 1989).

/** The sign, shown with every series. */
export const cusumSign =
  "actual − predicted: positive means more was used than the baseline predicts" as const;

/** The sum so far at each day; null on days that lack one of the two, which the sum leaves out. */
export function cusum(
  days: readonly { readonly actual: number | null; readonly predicted: number | null }[],
): readonly (number | null)[] {
  let sum = 0;
  return days.map(({ actual, predicted }) => {
    if (actual === null || predicted === null) return null;
    sum += actual - predicted;
    return sum;
  });
}
