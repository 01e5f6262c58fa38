// Energy formulas on figures worked out by hand, and against slow textbook definitions.

import fc from "fast-check";
import { expect, test } from "vitest";
import { afterHours } from "./after-hours.ts";
import { baseAndPeakLoad } from "./base-and-peak-load.ts";
import { carbonKg, readCarbonRate } from "./carbon.ts";
import { cusum } from "./cusum.ts";
import { coolingDegrees, heatingDegrees } from "./degree-days.ts";
import { loadDuration } from "./load-duration.ts";
import { demandIntervalMs } from "./peak-demand.ts";
import { quantile } from "./percentile.ts";
import { isTwelveMonths, kbtuOf, siteEui } from "./site-eui.ts";

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const loads = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 });

test("percentiles lie between order statistics", () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
  expect(quantile([7], 0.975)).toBe(7);
  expect(quantile([], 0.5)).toBeNull();
  // Of 0 to 100 the 2.5th percentile is 2.5 and the 97.5th 97.5.
  const hundred = Array.from({ length: 101 }, (_, i) => i);
  expect(baseAndPeakLoad(hundred)).toEqual({ base: 2.5, peak: 97.5, ratio: 2.5 / 97.5 });
  expect(baseAndPeakLoad([0, 0])).toEqual({ base: 0, peak: 0, ratio: null });
  expect(baseAndPeakLoad([])).toEqual({ base: null, peak: null, ratio: null });
});

test("a percentile is where the broken line through (k/(n-1), x_k) says", () => {
  fc.assert(
    fc.property(loads, fc.integer({ min: 0, max: 1000 }), (values, thousandths) => {
      const x = ascending(values);
      const share = thousandths / 1000;
      // The textbook: walk along the line.
      let expected = x.at(-1)!;
      for (let k = 0; k + 1 < x.length; k += 1) {
        const [from, to] = [k / (x.length - 1), (k + 1) / (x.length - 1)];
        if (share >= from && share <= to)
          expected = x[k]! + ((share - from) / (to - from)) * (x[k + 1]! - x[k]!);
      }
      expect(quantile(x, share)).toBeCloseTo(expected, 8);
    }),
  );
});

test("load duration: what was reached or exceeded in a share of the intervals", () => {
  const curve = loadDuration([1, 2, 3, 4]);
  expect(curve).toHaveLength(201);
  const at = (share: number) => curve.find((point) => point.share === share)!.load;
  expect([0, 0.25, 0.255, 0.5, 0.75, 0.76, 1].map(at)).toEqual([4, 4, 3, 3, 2, 1, 1]);
  expect(loadDuration([])).toEqual([]);
  fc.assert(
    fc.property(loads, (values) => {
      for (const { share, load } of loadDuration(ascending(values))) {
        const reached = (level: number): number => values.filter((value) => value >= level).length;
        const needed = Math.max(1, Math.round(share * 200)) * values.length;
        const able = values.filter((level) => 200 * reached(level) >= needed);
        expect(load).toBe(share === 0 ? Math.max(...values) : Math.max(...able));
      }
    }),
  );
});

test("after hours: 3 of 12 kWh were used while the building was closed", () => {
  const intervals = [
    { energy: 1, open: false },
    { energy: 4, open: true },
    { energy: 5, open: true },
    { energy: 2, open: false },
  ];
  expect(afterHours(intervals)).toEqual({ energy: 3, share: 0.25 });
  expect(afterHours([])).toEqual({ energy: 0, share: null });
});

test("site EUI: a real year of a research building", () => {
  // NREL's RSF, 2011: 2,345,624 kWh on 222,000 square feet.
  expect(siteEui(2_345_624, 222_000)).toBeCloseTo(36.05, 2);
  expect(kbtuOf(1)).toBe(3.412142);
  const day = (text: string): number => Date.parse(`${text}Z`);
  expect(isTwelveMonths(day("2025-03-01T00:00"), day("2026-03-01T00:00"))).toBe(true);
  expect(isTwelveMonths(day("2024-01-01T00:00"), day("2024-12-31T00:00"))).toBe(false);
  expect(isTwelveMonths(day("2025-03-01T01:00"), day("2026-03-01T01:00"))).toBe(false);
});

test("carbon: 100 kWh at 373 g are 37.3 kg", () => {
  const rate = readCarbonRate(
    new Map<string, string | number>([
      ["gPerKwh", 373],
      ["year", 2023],
      ["subregion", "RFCE"],
    ]),
  );
  expect(rate).toEqual({ gPerKwh: 373, year: 2023, subregion: "RFCE" });
  expect(carbonKg(360_000_000, rate!)).toBeCloseTo(37.3, 12);
  for (const wrong of [null, 5, new Map([["gPerKwh", 373]]), new Map([["gPerKwh", "373"]])])
    expect(readCarbonRate(wrong)).toBeNull();
});

test("degree-days and CUSUM by hand", () => {
  expect([-5, 18, 25].map((mean) => heatingDegrees(mean, 18))).toEqual([23, 0, 0]);
  expect([-5, 18, 25].map((mean) => coolingDegrees(mean, 18))).toEqual([0, 0, 7]);
  const days = [
    { actual: 10, predicted: 8 },
    { actual: null, predicted: 8 },
    { actual: 7, predicted: 8 },
    { actual: 9, predicted: null },
    { actual: 5, predicted: 8 },
  ];
  expect(cusum(days)).toEqual([2, null, 1, null, -2]);
});

test("demand is metered by quarter-hours or longer", () => {
  const of = (...seconds: (number | null)[]): number =>
    demandIntervalMs(seconds.map((interval) => ({ interval }))) / 60_000;
  expect([of(), of(null), of(60), of(900, 60), of(1_000), of(900, 3_600)]).toEqual([
    15, 15, 15, 15, 30, 60,
  ]);
});
