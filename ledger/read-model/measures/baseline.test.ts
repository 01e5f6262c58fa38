// The baseline finds the building it was made from, and its quality figures are those of the formulas.

import fc from "fast-check";
import { expect, test } from "vitest";
import { fitBaseline, predictedKwh } from "./baseline.ts";
import { leastSquares } from "./least-squares.ts";

/** A year of days whose temperature goes once up and down. */
const year = Array.from(
  { length: 365 },
  (_, day) => 12 - 14 * Math.cos((2 * Math.PI * day) / 365) + 3 * Math.sin(day * 1.7),
);

test("a building that heats below 14 °C and cools above 19.5 °C", () => {
  const days = year.map((celsius) => ({
    celsius,
    kwh: 200 + 6 * Math.max(0, 14 - celsius) + 9 * Math.max(0, celsius - 19.5),
  }));
  const model = fitBaseline(days)!;
  expect(model.intercept).toBeCloseTo(200, 6);
  expect(model.heating!.base).toBe(14);
  expect(model.heating!.slope).toBeCloseTo(6, 8);
  expect(model.cooling!.base).toBe(19.5);
  expect(model.cooling!.slope).toBeCloseTo(9, 8);
  expect(model.r2).toBeCloseTo(1, 12);
  expect(model.cvRmse).toBeCloseTo(0, 8);
  expect(predictedKwh(model, 4)).toBeCloseTo(260, 6);
  expect(predictedKwh(model, 17)).toBeCloseTo(200, 6);
  expect(predictedKwh(model, 29.5)).toBeCloseTo(290, 6);
});

test("terms that the data do not ask for stay out", () => {
  const heated = fitBaseline(
    year.map((celsius) => ({ celsius, kwh: 50 + 2 * Math.max(0, 16 - celsius) })),
  )!;
  expect(heated.heating).toMatchObject({ base: 16 });
  expect(heated.cooling?.slope ?? 0).toBeCloseTo(0, 6);
  // More use the milder it is: no slope is positive, the mean is all there is to say.
  const odd = fitBaseline(year.map((celsius) => ({ celsius, kwh: 90 - (celsius - 13) ** 2 / 9 })))!;
  expect(odd).toMatchObject({ heating: null, cooling: null, r2: 0, adjustedR2: 0 });
  const flat = fitBaseline(year.map((celsius) => ({ celsius, kwh: 40 })))!;
  expect(flat).toMatchObject({ intercept: 40, heating: null, cooling: null, r2: null });
  expect(fitBaseline(year.slice(0, 29).map((celsius) => ({ celsius, kwh: 1 })))).toBeNull();
});

test("R², CV(RMSE) and NMBE are those of the residuals", () => {
  const days = year.map((celsius, i) => ({
    celsius,
    kwh: 100 + 4 * Math.max(0, 15 - celsius) + ((i * 37) % 11) - 5,
  }));
  const model = fitBaseline(days)!;
  const p = 1 + Number(model.heating !== null) + Number(model.cooling !== null);
  const residuals = days.map(({ kwh, celsius }) => kwh - predictedKwh(model, celsius));
  const n = days.length;
  const mean = days.reduce((sum, { kwh }) => sum + kwh, 0) / n;
  const squares = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value * value, 0);
  const spread = squares(days.map(({ kwh }) => kwh - mean));
  const r2 = 1 - squares(residuals) / spread;
  expect(model.r2).toBeCloseTo(r2, 10);
  expect(model.adjustedR2).toBeCloseTo(1 - ((1 - r2) * (n - 1)) / (n - p), 10);
  expect(model.cvRmse).toBeCloseTo(Math.sqrt(squares(residuals) / (n - p)) / mean, 10);
  // Least squares with an intercept leaves no bias where it was fitted.
  expect(model.nmbe).toBeCloseTo(0, 10);
});

test("least squares by hand: (0, 1), (1, 3), (2, 4)", () => {
  // x̄ = 1, ȳ = 8/3; slope = (1 + 4/3) … = 3/2, intercept = 7/6; residuals −1/6, 1/3, −1/6.
  const fit = leastSquares([1, 3, 4], [[0, 1, 2]])!;
  expect(fit.slopes[0]).toBeCloseTo(1.5, 12);
  expect(fit.intercept).toBeCloseTo(7 / 6, 12);
  expect(fit.residual).toBeCloseTo(1 / 6, 12);
  expect(fit.total).toBeCloseTo(14 / 3, 12);
  expect(leastSquares([1, 2], [[5, 5]])).toBeNull();
  const x = [1, 2, 3, 4];
  expect(leastSquares([1, 2, 3, 5], [x, x.map((value) => 2 * value)])).toBeNull();
});

/** The normal equations on exact fractions, solved by Cramer's rule. */
function textbook(y: readonly number[], x: readonly (readonly number[])[]): number[] | null {
  const columns = [y.map(() => 1), ...x].map((column) => column.map(BigInt));
  const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0n);
  const matrix = columns.map((a) => columns.map((b) => dot(a, b)));
  const right = columns.map((a) => dot(a, y.map(BigInt)));
  const determinant = (m: readonly (readonly bigint[])[]): bigint =>
    m.length === 1
      ? m[0]![0]!
      : m[0]!.reduce((sum, value, column) => {
          const minor = m.slice(1).map((row) => row.filter((_, i) => i !== column));
          return sum + (column % 2 === 0 ? value : -value) * determinant(minor);
        }, 0n);
  const whole = determinant(matrix);
  if (whole === 0n) return null;
  return columns.map((_, column) => {
    const replaced = matrix.map((row, i) =>
      row.map((value, j) => (j === column ? right[i]! : value)),
    );
    return Number((determinant(replaced) * 10n ** 12n) / whole) / 1e12;
  });
}

test("least squares agree with the normal equations in exact fractions", () => {
  const value = fc.integer({ min: -50, max: 50 });
  const row = fc.tuple(value, value, value);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 4, maxLength: 30 }),
      fc.integer({ min: 0, max: 2 }),
      (rows, predictors) => {
        const y = rows.map(([first]) => first);
        const x = [1, 2].slice(0, predictors).map((i) => rows.map((values) => values[i]!));
        const expected = textbook(y, x);
        const fit = leastSquares(y, x);
        if (expected === null) return expect(fit).toBeNull();
        [fit!.intercept, ...fit!.slopes].forEach((found, i) => {
          expect(found).toBeCloseTo(expected[i]!, 7);
        });
      },
    ),
  );
});
