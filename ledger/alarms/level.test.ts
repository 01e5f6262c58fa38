// A limit with hysteresis: against a slow twin that looks back over all readings, and never a change inside the band.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { Change } from "./change.ts";
import { CALM, type LevelLimits, type LevelReading, type LevelState, level } from "./level.ts";

const minute = 60_000;
const CO2: LevelLimits = {
  side: 1,
  limit: 1_000,
  clear: 800,
  forMs: 10 * minute,
  clearForMs: 5 * minute,
  gapMsMax: 15 * minute,
};

/** Changes that readings [minute, value] lead to, as [kind, minute, since, worst]. */
function run(limits: LevelLimits, readings: readonly (readonly [number, number, boolean?])[]) {
  let state: LevelState = CALM;
  const changes: (readonly [string, number, number, number])[] = [];
  let late = 0;
  for (const [at, v, applies = true] of readings) {
    const step = level(limits, state, { t: at * minute, v, applies });
    state = step.state;
    if (step.late) late += 1;
    if (step.change !== null) {
      const { kind, at: when, since, worst } = step.change;
      changes.push([kind, when / minute, since / minute, worst]);
    }
  }
  return { changes, late, state };
}

it("rings when it was beyond the limit for the whole time, and clears likewise", () => {
  const { changes } = run(CO2, [
    [0, 900],
    [5, 1_100],
    [10, 1_300],
    [14, 1_200],
    [15, 1_050],
    [20, 900],
    [25, 790],
    [29, 800],
    [30, 700],
  ]);
  expect(changes).toEqual([
    ["raised", 15, 5, 1_300],
    ["cleared", 30, 25, 1_300],
  ]);
});

it("begins to wait anew when a reading breaks the run, or is missing too long to know", () => {
  expect(
    run(CO2, [
      [0, 1_100],
      [5, 1_000],
      [10, 1_100],
      [15, 1_100],
    ]).changes,
  ).toEqual([]);
  expect(
    run(CO2, [
      [0, 1_100],
      [16, 1_100],
    ]).changes,
  ).toEqual([]);
  expect(
    run({ ...CO2, gapMsMax: null }, [
      [0, 1_100],
      [16, 1_100],
    ]).changes,
  ).toHaveLength(1);
});

it("rings below too, and at once when no time is asked for", () => {
  const cold = { ...CO2, side: -1 as const, limit: 16, clear: 18, forMs: 0, clearForMs: 0 };
  expect(
    run(cold, [
      [0, 16],
      [1, 15.9],
      [2, 17],
      [3, 12],
      [4, 18],
    ]).changes,
  ).toEqual([
    ["raised", 1, 1, 15.9],
    ["cleared", 4, 4, 12],
  ]);
});

it("counts a reading outside the hours as within all limits", () => {
  const now = { ...CO2, forMs: 0, clearForMs: 0 };
  expect(
    run(now, [
      [0, 2_000, false],
      [1, 2_000],
      [2, 2_500, false],
    ]).changes,
  ).toEqual([
    ["raised", 1, 1, 2_000],
    ["cleared", 2, 2, 2_000],
  ]);
});

it("judges no reading that is older than one it judged, and takes a correction of the newest", () => {
  const now = { ...CO2, forMs: 0, clearForMs: 0 };
  const { changes, late } = run(now, [
    [10, 900],
    [5, 5_000],
    [10, 1_200],
    [10, 700],
  ]);
  expect(late).toBe(1);
  expect(changes.map(([kind, at]) => [kind, at])).toEqual([
    ["raised", 10],
    ["cleared", 10],
  ]);
});

const limitsOf = fc
  .record({
    side: fc.constantFrom(1 as const, -1 as const),
    limit: fc.integer({ min: -5, max: 5 }),
    band: fc.integer({ min: 0, max: 5 }),
    forMs: fc.integer({ min: 0, max: 6 }),
    clearForMs: fc.integer({ min: 0, max: 6 }),
    gapMsMax: fc.option(fc.integer({ min: 1, max: 8 })),
  })
  .map(({ band, ...rest }): LevelLimits => ({ ...rest, clear: rest.limit - rest.side * band }));
const readingsOf = fc.array(
  fc.record({
    t: fc.integer({ min: 0, max: 40 }),
    v: fc.integer({ min: -9, max: 9 }),
    applies: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** From the definition alone: at each reading, looks back how long all readings have pointed to the other state. */
function twin(
  limits: LevelLimits,
  readings: readonly LevelReading[],
): readonly (readonly [string, number])[] {
  const seen: LevelReading[] = [];
  const changes: (readonly [string, number])[] = [];
  let active = false;
  let since = 0;
  for (const reading of readings) {
    if (seen.length > 0 && reading.t < seen.at(-1)!.t) continue;
    seen.push(reading);
    const points = ({ v, applies }: LevelReading): boolean =>
      active
        ? !applies || limits.side * v <= limits.side * limits.clear
        : applies && limits.side * v > limits.side * limits.limit;
    let first = seen.length;
    while (
      first > since &&
      points(seen[first - 1]!) &&
      (first === seen.length ||
        limits.gapMsMax === null ||
        seen[first]!.t - seen[first - 1]!.t <= limits.gapMsMax)
    )
      first -= 1;
    if (first === seen.length) continue;
    if (reading.t - seen[first]!.t < (active ? limits.clearForMs : limits.forMs)) continue;
    active = !active;
    since = seen.length;
    changes.push([active ? "raised" : "cleared", reading.t]);
  }
  return changes;
}

it("does what its definition says, whatever is read", () => {
  fc.assert(
    fc.property(limitsOf, readingsOf, (limits, readings) => {
      let state = CALM;
      const changes: Change[] = [];
      for (const reading of readings) {
        const step = level(limits, JSON.parse(JSON.stringify(state)) as LevelState, reading);
        state = step.state;
        if (step.change !== null) changes.push(step.change);
      }
      expect(changes.map(({ kind, at }) => [kind, at])).toEqual(twin(limits, readings));
    }),
    { numRuns: 2_000 },
  );
});

it("never changes inside the band, and never twice the same way", () => {
  fc.assert(
    fc.property(limitsOf, readingsOf, (limits, readings) => {
      const inside = readings.filter(
        ({ v, applies }) =>
          applies &&
          limits.side * v <= limits.side * limits.limit &&
          limits.side * v > limits.side * limits.clear,
      );
      for (const active of [false, true]) {
        let state: LevelState = { ...CALM, active };
        for (const reading of inside) {
          const step = level(limits, state, reading);
          expect(step.change).toBeNull();
          state = step.state;
        }
      }
      let last = "cleared";
      let state = CALM;
      for (const reading of readings) {
        const step = level(limits, state, reading);
        state = step.state;
        if (step.change === null) continue;
        expect(step.change.kind).not.toBe(last);
        last = step.change.kind;
      }
    }),
  );
});
