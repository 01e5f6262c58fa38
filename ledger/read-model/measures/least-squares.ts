// Ordinary least squares with an intercept and at most two predictors (Gauss 1809), on centred values for accuracy.

export interface Fit {
  readonly intercept: number;
  /** One for each predictor. */
  readonly slopes: readonly number[];
  /** Sums of squares of the residuals, and of the values about their mean. */
  readonly residual: number;
  readonly total: number;
}

/** Predictors that tell less apart than this share of their spread cannot be told apart. */
const collinearMin = 1e-10;

/** Fits y = intercept + Σ slope·x. Null when the predictors do not vary, or only together. */
export function leastSquares(
  y: readonly number[],
  predictors: readonly (readonly number[])[],
): Fit | null {
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanY = meanOf(y);
  const means = predictors.map(meanOf);
  const product = (a: readonly number[], meanA: number, b: readonly number[], meanB: number) =>
    a.reduce((sum, value, i) => sum + (value - meanA) * (b[i]! - meanB), 0);
  const xx = (i: number, j: number): number =>
    product(predictors[i]!, means[i]!, predictors[j]!, means[j]!);
  const xy = predictors.map((x, i) => product(x, means[i]!, y, meanY));
  const slopes = solve(
    predictors.map((_, i) => predictors.map((_, j) => xx(i, j))),
    xy,
  );
  if (slopes === null) return null;
  const intercept = meanY - slopes.reduce((sum, slope, i) => sum + slope * means[i]!, 0);
  const residual = y.reduce((sum, value, row) => {
    const predicted = slopes.reduce((at, slope, i) => at + slope * predictors[i]![row]!, intercept);
    return sum + (value - predicted) ** 2;
  }, 0);
  return { intercept, slopes, residual, total: product(y, meanY, y, meanY) };
}

function solve(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
): readonly number[] | null {
  if (right.length === 0) return [];
  const [[a = 0, b = 0] = [], [, d = 0] = []] = matrix;
  const [e = 0, f = 0] = right;
  if (right.length === 1) return a > 0 ? [e / a] : null;
  const determinant = a * d - b * b;
  if (!(determinant > collinearMin * a * d)) return null;
  return [(e * d - b * f) / determinant, (a * f - b * e) / determinant];
}
