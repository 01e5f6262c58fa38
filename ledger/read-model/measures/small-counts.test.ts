// Every world of a small week: what an attacker who knows the rule can tell of a withheld count.

import fc from "fast-check";
import { expect, test } from "vitest";
import { withholdSmall } from "./small-counts.ts";

/** All weeks of `days` counts from 0 to `max`, of which some may be missing. */
function* worlds(days: number, max: number): Generator<(number | null)[]> {
  if (days === 0) return yield [];
  for (const rest of worlds(days - 1, max))
    for (let count = -1; count <= max; count += 1) yield [...rest, count < 0 ? null : count];
}

/** For each published answer and day, the counts below k that the true worlds behind it have there. */
function attack(
  publish: (counts: readonly (number | null)[], k: number) => unknown,
  days: number,
  max: number,
  k: number,
): readonly { readonly answer: string; readonly day: number; readonly possible: Set<number> }[] {
  const possible = new Map<string, Set<number>[]>();
  for (const counts of worlds(days, max)) {
    const answer = JSON.stringify(publish(counts, k));
    const sets = possible.get(answer) ?? counts.map(() => new Set<number>());
    possible.set(answer, sets);
    counts.forEach((count, day) => {
      if (count !== null) sets[day]!.add(count);
    });
  }
  return [...possible].flatMap(([answer, sets]) =>
    sets.flatMap((set, day) =>
      [...set].some((count) => count < k) ? [{ answer, day, possible: set }] : [],
    ),
  );
}

const all = (k: number): number[] => Array.from({ length: k }, (_, i) => i);

test.each([
  [1, 3],
  [2, 3],
  [3, 3],
  [4, 3],
  [5, 2],
  [2, 5],
])("of %i days and k = %i no answer excludes any small count", (days, k) => {
  // Worlds end at 4k, so totals near the end have fewer worlds behind them than real ones: they are not judged.
  const max = 4 * k;
  const told = attack(withholdSmall, days, max, k).filter(({ answer }) => {
    const { total, counts } = JSON.parse(answer) as ReturnType<typeof withholdSmall>;
    const shown = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return total === null || total - shown <= max;
  });
  expect(told.length).toBeGreaterThan(0);
  for (const { answer, day, possible } of told)
    expect([...possible], `${answer} day ${day}`).toEqual(expect.arrayContaining(all(k)));
});

test("the attack finds what lesser rules give away", () => {
  const sum = (counts: readonly (number | null)[]): number =>
    counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  const onlySmall = (counts: readonly (number | null)[], k: number) => ({
    counts: counts.map((count) => (count === null || count < k ? null : count)),
    missing: counts.map((count) => count === null),
    total: sum(counts),
  });
  // The usual second step: also withhold the smallest of the rest. Its size then bounds the first.
  const smallest = (counts: readonly (number | null)[], k: number) => {
    const rest = counts.filter((count) => count !== null && count >= k).map(Number);
    const second = counts.indexOf(Math.min(...rest));
    const few = counts.some((count) => count !== null && count < k);
    return {
      counts: counts.map((count, i) =>
        count === null || count < k || (few && i === second) ? null : count,
      ),
      missing: counts.map((count) => count === null),
      total: sum(counts),
    };
  };
  for (const rule of [onlySmall, smallest]) {
    const pinned = attack(rule, 3, 12, 3).filter(({ possible }) => possible.size === 1);
    expect(pinned.length).toBeGreaterThan(0);
  }
});

test("nothing is withheld without need, and what is shown is true", () => {
  const count = fc.oneof(fc.constant(null), fc.nat(60));
  fc.assert(
    fc.property(fc.array(count, { maxLength: 7 }), fc.integer({ min: 1, max: 12 }), (counts, k) => {
      const shown = withholdSmall(counts, k);
      counts.forEach((value, i) => {
        if (shown.counts[i] !== null) expect(shown.counts[i]).toBe(value);
        if (value !== null && value < k) expect(shown.withheld[i]).toBe(true);
        if (value === null) expect(shown.withheld[i]).toBe(false);
        expect(shown.counts[i] === null).toBe(shown.withheld[i] || value === null);
      });
      const small = counts.filter((value) => value !== null && value < k).length;
      const withheld = shown.withheld.filter(Boolean).length;
      expect(withheld).toBeLessThanOrEqual(small === 0 ? 0 : small + 1);
      if (shown.total !== null)
        expect(shown.total).toBe(counts.reduce<number>((sum, value) => sum + (value ?? 0), 0));
    }),
  );
});

test("a week with a quiet holiday", () => {
  expect(withholdSmall([2, 61, 64, 60, 48], 10)).toEqual({
    counts: [null, null, 64, 60, 48],
    withheld: [true, true, false, false, false],
    total: 235,
  });
  // The holiday is the last day: the circle goes on with the first.
  expect(withholdSmall([55, 61, 64, 60, 2], 10).counts).toEqual([null, 61, 64, 60, null]);
  // Nobody could be hidden behind these.
  expect(withholdSmall([9, 9, 9, 9, 9], 10).total).toBeNull();
  expect(withholdSmall([0, 12, null, 30, 30], 10)).toEqual({
    counts: [null, null, null, 30, 30],
    withheld: [true, true, false, false, false],
    total: null,
  });
  expect(withholdSmall([20, 30, 40, 50, 60], 10)).toEqual({
    counts: [20, 30, 40, 50, 60],
    withheld: [false, false, false, false, false],
    total: 200,
  });
});
