// Rates: the slope between readings, and where none is known.

import { expect, it } from "vitest";
import { type Before, rate } from "./rate.ts";

const hour = 3_600_000;
const perHour = { perMs: hour, gapMsMax: 2 * hour, counter: false };

function run(
  scale: typeof perHour,
  readings: readonly (readonly [t: number, v: number])[],
): readonly (number | null | "late")[] {
  let before: Before = null;
  return readings.map(([t, v]) => {
    const step = rate(scale, before, { t: t * hour, v, applies: true });
    before = step.before;
    return step.late ? "late" : (step.rate?.v ?? null);
  });
}

it("is the change per unit of time since the reading before", () => {
  expect(
    run(perHour, [
      [0, 20],
      [0.5, 23],
      [1.5, 22],
    ]),
  ).toEqual([null, 6, -1]);
});

it("is unknown across a gap, after a correction and at a counter's reset, and late readings have none", () => {
  expect(
    run(perHour, [
      [0, 20],
      [3, 40],
      [4, 41],
    ]),
  ).toEqual([null, null, 1]);
  expect(
    run(perHour, [
      [0, 20],
      [0, 10],
      [1, 11],
    ]),
  ).toEqual([null, null, 1]);
  expect(
    run(perHour, [
      [1, 20],
      [0, 10],
      [2, 21],
    ]),
  ).toEqual([null, "late", 1]);
  const counter = { ...perHour, counter: true };
  expect(
    run(counter, [
      [0, 100],
      [1, 150],
      [2, 5],
      [3, 25],
    ]),
  ).toEqual([null, 50, null, 20]);
});
