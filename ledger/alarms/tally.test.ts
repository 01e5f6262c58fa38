// Counts by window: told as soon as there are too many, and at the end of each window that said something.

import fc from "fast-check";
import { expect, it } from "vitest";
import { tally, type Window } from "./tally.ts";

const size = { windowMs: 100, limit: 3 };

function run(events: readonly (readonly [at: number, more: number])[]) {
  let window: Window | null = null;
  return events.flatMap(([at, more]) => {
    const step = tally(size, window, at, more);
    window = step.window;
    return step.readings.map(({ t, v }) => [t, v]);
  });
}

it("tells too many at once, and each window's count at its end", () => {
  expect(
    run([
      [110, 2],
      [120, 2],
      [130, 1],
      [199, 0],
      [200, 0],
      [250, 1],
      [500, 0],
    ]),
  ).toEqual([
    [120, 4],
    [130, 5],
    [200, 5],
    [300, 1],
    [400, 0],
  ]);
});

it("tells the same however often time is looked at", () => {
  const event = fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 3 }));
  const ticks = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), ticks, (events, looked) => {
      const inOrder = (all: readonly (readonly [number, number])[]) =>
        [...all].sort((a, b) => a[0] - b[0]);
      const told = (all: readonly (readonly [number, number])[]) =>
        // An empty window after an empty one says nothing new.
        run([...inOrder(all), [2_000, 0]]).filter(
          ([, v], i, readings) => v !== 0 || readings[i - 1]?.[1] !== 0,
        );
      const more = looked.map((at): readonly [number, number] => [at, 0]);
      expect(told([...more, ...events]).filter(([, v]) => v !== 0)).toEqual(
        told(events).filter(([, v]) => v !== 0),
      );
    }),
  );
});
