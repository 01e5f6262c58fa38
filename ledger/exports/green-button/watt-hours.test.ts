// Rounding that never drifts, against sums of exact integers.
import fc from "fast-check";
import { expect, test } from "vitest";
import { wattHours } from "./watt-hours.ts";

test("thirds of a watt-hour add up", () => {
  const round = wattHours();
  expect(Array.from({ length: 6 }, () => round(1_200))).toEqual([0, 1, 0, 0, 1, 0]);
});

test("every running total is the exact total, rounded, and no value is wrong by a whole watt-hour", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { maxLength: 200 }),
      (values) => {
        const round = wattHours();
        let exact = 0n;
        let rounded = 0n;
        for (const value of values) {
          exact += BigInt(value);
          const step = round(value);
          rounded += BigInt(step);
          // |rounded − exact/3600| ≤ 1/2 in integers.
          const off = rounded * 7200n - exact * 2n;
          expect(off >= -3600n && off <= 3600n).toBe(true);
          expect(Math.abs(step - value / 3600)).toBeLessThanOrEqual(1);
        }
      },
    ),
    { numRuns: 200 },
  );
});
