// Silence: rings at its deadline whatever ticks there are, within hours, and not for what a deaf node missed.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { Change } from "./change.ts";
import {
  listening,
  type QuietState,
  quietDeaf,
  quietHeard,
  quietTick,
  type Span,
} from "./quiet.ts";

const limits = { limitMs: 100, clearMs: 100 };
const always: readonly Span[] = [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }];

/** Takes what was heard (at ledger time, how old) and plain ticks, in order of time, to the machine. */
function run(
  events: readonly { readonly at: number; readonly age: number | null }[],
  spans: readonly Span[] = always,
  of = limits,
): readonly (readonly [string, number, number])[] {
  let state: QuietState = listening(0);
  const changes: Change[] = [];
  for (const { at, age } of [...events].sort((a, b) => a.at - b.at)) {
    const near = spans.filter(({ from, to }) => to > state.at && from <= at);
    const ticked = quietTick(of, state, at, near);
    const heard = age === null ? ticked : quietHeard(of, ticked.state, at - age, at);
    changes.push(...ticked.changes, ...(age === null ? [] : heard.changes));
    state = JSON.parse(JSON.stringify(heard.state)) as QuietState;
  }
  return changes.map(({ kind, at, since }) => [kind, at, since]);
}

it("rings at the deadline, and clears when something is heard", () => {
  expect(
    run([
      { at: 50, age: 0 },
      { at: 150, age: 0 },
      { at: 300, age: 0 },
    ]),
  ).toEqual([
    ["raised", 250, 150],
    ["cleared", 300, 150],
  ]);
});

it("clears only by what is new enough: a backlog is still late", () => {
  const lag = { limitMs: 100, clearMs: 50 };
  expect(
    run(
      [
        { at: 200, age: 90 },
        { at: 260, age: 60 },
        { at: 300, age: 50 },
      ],
      always,
      lag,
    ),
  ).toEqual([
    ["raised", 100, 0],
    ["cleared", 300, 200],
  ]);
});

it("within hours counts from their start, and ends with them", () => {
  const hours = [
    { from: 1_000, to: 1_500 },
    { from: 2_000, to: 2_050 },
    { from: 3_000, to: 3_500 },
  ];
  const silent = [{ at: 4_000, age: null }];
  expect(run(silent, hours)).toEqual([
    ["raised", 1_100, 1_000],
    ["cleared", 1_500, 1_000],
    ["raised", 3_100, 3_000],
    ["cleared", 3_500, 3_000],
  ]);
  expect(run([{ at: 1_450, age: 0 }, ...silent], hours).map(([kind, at]) => [kind, at])).toEqual([
    ["raised", 1_100],
    ["cleared", 1_450],
    ["raised", 3_100],
    ["cleared", 3_500],
  ]);
});

it("does not hold against a source what this node was too deaf to hear", () => {
  const deaf = quietDeaf(listening(0), 1_000);
  expect(quietTick(limits, deaf, 1_100, always).changes).toEqual([]);
  expect(quietTick(limits, deaf, 1_101, always).changes).toMatchObject([{ at: 1_100 }]);
});

it("rings the same however often time is looked at", () => {
  const events = fc.array(
    fc.record({
      at: fc.integer({ min: 1, max: 2_000 }),
      age: fc.integer({ min: 0, max: 150 }),
    }),
    { maxLength: 12 },
  );
  const ticks = fc.array(fc.integer({ min: 1, max: 2_100 }), { maxLength: 40 });
  const hours = fc
    .uniqueArray(fc.integer({ min: 0, max: 2_000 }), { maxLength: 8 })
    .map((edges) => {
      const sorted = [...edges].sort((a, b) => a - b);
      return Array.from({ length: Math.floor(sorted.length / 2) }, (_, i) => ({
        from: sorted[2 * i]!,
        to: sorted[2 * i + 1]!,
      }));
    });
  fc.assert(
    fc.property(
      events,
      ticks,
      fc.oneof(fc.constant(always), hours),
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 0, max: 100 }),
      (heard, looked, spans, limitMs, share) => {
        const of = { limitMs, clearMs: Math.floor((limitMs * share) / 100) };
        const end = { at: 2_200, age: null };
        const more = looked.map((at) => ({ at, age: null }));
        // At one time, ticks come first, as they do in the evaluator.
        expect(run([...more, ...heard, end], spans, of)).toEqual(run([...heard, end], spans, of));
      },
    ),
    { numRuns: 2_000 },
  );
});
