// Utilization by hand (Pub. L. 118-272 sec. 2302).

import { expect, test } from "vitest";
import { isReporting, utilizationOf } from "./utilization.ts";

test("ten weekdays of 1,137 person-days in 28,425 usable square feet are 60 %, which is not below 60 %", () => {
  const exact = utilizationOf(1_137, 10, 28_425);
  expect(exact).toMatchObject({ capacity: 189.5, meanPersons: 113.7, below60: false });
  expect(exact.rate).toBeCloseTo(0.6, 12);
  expect(utilizationOf(1_136, 10, 28_425).below60).toBe(true);
});

test("what cannot be said is not said", () => {
  expect(utilizationOf(0, 0, 15_000)).toEqual({
    ...{ capacity: 100, meanPersons: null, rate: null, below60: null },
  });
  expect(utilizationOf(50, 1, null)).toEqual({
    ...{ capacity: null, meanPersons: 50, rate: null, below60: null },
  });
  expect(utilizationOf(0, 5, 15_000)).toMatchObject({ meanPersons: 0, rate: 0, below60: true });
});

test("Monday to Friday is reported", () => {
  expect([0, 1, 2, 3, 4, 5, 6].filter(isReporting)).toEqual([1, 2, 3, 4, 5]);
});
