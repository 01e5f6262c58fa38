// Money: bills by hand, and rounding that keeps every sum.

import type { Cbor } from "@muniment/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { billOf } from "./bill.ts";
import { largestRemainder } from "./largest-remainder.ts";
import { readTariff } from "./tariff.ts";

/** A policy value as it comes from the ledger: maps all the way down. */
function cbor(value: unknown): Cbor {
  if (Array.isArray(value)) return value.map(cbor);
  if (typeof value !== "object" || value === null) return value as Cbor;
  return new Map(Object.entries(value).map(([key, item]) => [key, cbor(item)]));
}

const general = {
  name: "General service, time of use",
  fixedMicrodollarsPerMonth: 25_000_000,
  energy: [
    {
      name: "summer peak",
      microdollarsPerKwh: 210_500,
      months: [6, 7, 8, 9],
      weekdays: [1, 2, 3, 4, 5],
      from: 12 * 60,
      to: 18 * 60,
    },
    { name: "other hours", microdollarsPerKwh: 98_750 },
  ],
  demand: [
    { name: "demand", microdollarsPerKw: 12_000_000 },
    { name: "peak demand", microdollarsPerKw: 5_000_000, weekdays: [1, 2, 3, 4, 5], from: 720 },
  ],
};
const tariff = readTariff(cbor(general))!;
const kwh = (n: number): number => n * 3_600_000;

test("a July bill", () => {
  const lines = billOf(
    tariff,
    [
      // Tuesday 13:00, 40 kWh at a mean of 160 kW; Tuesday 3:00, 10 kWh; Sunday 13:00, 60 kWh at 240 kW.
      { month: 7, weekday: 2, minute: 780, joules: kwh(40), watts: 160_000 },
      { month: 7, weekday: 2, minute: 180, joules: kwh(10), watts: 40_000 },
      { month: 7, weekday: 0, minute: 780, joules: kwh(60), watts: 240_000 },
    ],
    31,
    31,
  );
  expect(lines).toEqual([
    { name: "fixed charge", cents: 2_500 },
    { name: "summer peak", cents: 842 },
    { name: "other hours", cents: 691 },
    { name: "demand", cents: 288_000 },
    { name: "peak demand", cents: 80_000 },
  ]);
  // 8.42 + 6.9125 + 25 + 2,880 + 800 = 3,720.3325 dollars.
  expect(lines.reduce((sum, { cents }) => sum + cents, 0)).toBe(372_033);
});

test("half a month owes half of what is charged by the month, and all of its energy", () => {
  const interval = { month: 1, weekday: 1, minute: 0, joules: kwh(100), watts: 100_000 };
  expect(billOf(tariff, [interval], 15, 30)).toEqual([
    { name: "fixed charge", cents: 1_250 },
    { name: "summer peak", cents: 0 },
    { name: "other hours", cents: 988 },
    { name: "demand", cents: 60_000 },
    { name: "peak demand", cents: 0 },
  ]);
});

test("one joule is not lost between a year of readings", () => {
  const flat = readTariff(
    cbor({ name: "flat", energy: [{ name: "all", microdollarsPerKwh: 1_000_000 }] }),
  )!;
  // 35,040 quarter-hours of a third of a kilowatt-hour each, in whole joules.
  const intervals = Array.from({ length: 35_040 }, () => ({
    ...{ month: 1, weekday: 1, minute: 0, watts: 0 },
    joules: 1_200_000,
  }));
  expect(billOf(flat, intervals, 1, 1).find(({ name }) => name === "all")!.cents).toBe(1_168_000);
});

test("what is no tariff is not read", () => {
  expect(tariff.version).toMatch(/^[0-9a-f]{64}$/);
  expect(readTariff(cbor({ ...general, name: "Another" }))!.version).not.toBe(tariff.version);
  const [peak, other] = general.energy;
  for (const wrong of [
    null,
    [],
    { ...general, name: 5 },
    { ...general, energy: undefined },
    { ...general, fixedMicrodollarsPerMonth: 0.5 },
    { ...general, energy: [{ ...other, microdollarsPerKwh: -1 }] },
    { ...general, energy: [{ ...peak, months: [0] }] },
    { ...general, energy: [{ ...peak, weekdays: [7] }] },
    { ...general, energy: [{ ...peak, from: 600, to: 600 }] },
    { ...general, demand: [{ name: "demand" }] },
  ])
    expect(readTariff(cbor(wrong))).toBeNull();
});

const parts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { maxLength: 12 });
const unit = fc.bigInt({ min: 1n, max: 100_000n });

test("rounding by largest remainder keeps the sum, and no part moves by a unit", () => {
  fc.assert(
    fc.property(parts, unit, (values, size) => {
      const whole = largestRemainder(values, size);
      const sum = values.reduce((total, value) => total + value, 0n);
      const twice = 2n * sum;
      const rounded = whole.reduce((total, value) => total + value, 0n);
      // Nearest, halves up.
      expect(2n * rounded * size - twice <= size && twice - 2n * rounded * size < size).toBe(true);
      whole.forEach((value, i) => {
        const moved = value * size - values[i]!;
        expect(moved > -size && moved < size).toBe(true);
      });
    }),
  );
});

test("it gives each unit that is left to the part that is furthest below its due", () => {
  fc.assert(
    fc.property(parts, unit, (values, size) => {
      // The textbook, one unit at a time.
      const sum = values.reduce((total, value) => total + value, 0n);
      const given = values.map((value) => value / size);
      let left =
        (2n * sum + size) / (2n * size) - given.reduce((total, value) => total + value, 0n);
      while (left > 0n) {
        let best = 0;
        for (let i = 1; i < values.length; i += 1)
          if (values[i]! - given[i]! * size > values[best]! - given[best]! * size) best = i;
        given[best]! += 1n;
        left -= 1n;
      }
      expect(largestRemainder(values, size)).toEqual(given);
    }),
  );
  expect(largestRemainder([14n, 14n, 14n], 10n)).toEqual([2n, 1n, 1n]);
  expect(largestRemainder([], 10n)).toEqual([]);
});
