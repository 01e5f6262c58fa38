// Streams of chance: repeatable, independent of each other, and shaped as they say.
import { expect, test } from "vitest";
import { stream } from "./prng.ts";

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);

test("the same seed and label give the same numbers, another label or seed gives others", () => {
  const numbers = (seed: number, label: string) => draw(8, stream(seed, label).next);
  expect(numbers(7, "a")).toEqual(numbers(7, "a"));
  expect(numbers(7, "a")).not.toEqual(numbers(7, "b"));
  expect(numbers(7, "a")).not.toEqual(numbers(8, "a"));
});

test("labels are joined without ambiguity", () => {
  expect(stream(1, "ab", "c").next()).not.toBe(stream(1, "a", "bc").next());
});

test("uniform and normal numbers have the mean and deviation asked for", () => {
  const chance = stream(1, "shape");
  const uniform = draw(20_000, chance.next);
  expect(mean(uniform)).toBeCloseTo(0.5, 1);
  expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...uniform)).toBeLessThan(1);
  const normal = draw(20_000, () => chance.normal(10, 3));
  expect(Math.abs(mean(normal) - 10)).toBeLessThan(0.1);
  expect(Math.abs(Math.sqrt(mean(normal.map((x) => (x - 10) ** 2))) - 3)).toBeLessThan(0.1);
});

test("integers include both ends and a shuffle keeps every item", () => {
  const chance = stream(3, "range");
  expect(new Set(draw(200, () => chance.integer(1, 3)))).toEqual(new Set([1, 2, 3]));
  const items = draw(50, () => chance.integer(0, 9));
  expect([...chance.shuffled(items)].sort()).toEqual([...items].sort());
});

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
