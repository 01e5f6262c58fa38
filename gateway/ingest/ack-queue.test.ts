// MQTT-4.6.0-2: acknowledgements leave in the order of the messages, for every order of completion.

import fc from "fast-check";
import { expect, test } from "vitest";
import { AckQueue } from "./ack-queue.ts";

test("answers keep the order of arrival, and no answer waits without need", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }).chain((n) =>
        fc.shuffledSubarray(
          Array.from({ length: n }, (_, i) => i),
          { minLength: n },
        ),
      ),
      (order) => {
        const queue = new AckQueue();
        const answered: number[] = [];
        const settles = order.map((_, i) => queue.add(() => answered.push(i), i));
        const done = new Set<number>();
        for (const i of order) {
          settles[i]!(null);
          done.add(i);
          let due = 0;
          while (done.has(due)) due += 1;
          expect(answered).toEqual(Array.from({ length: due }, (_, n) => n));
          expect(queue.oldest()).toBe(due === order.length ? null : due);
        }
      },
    ),
    { seed: 11 },
  );
});

test("errors pass through; a message that comes while answering is not lost", () => {
  const queue = new AckQueue();
  const answered: (string | null)[] = [];
  const last = queue.add((error) => {
    answered.push(error?.message ?? null);
    queue.add((inner) => answered.push(inner?.message ?? "inner"), 2)(null);
  }, 1);
  last(new Error("full"));
  expect(answered).toEqual(["full", "inner"]);
  expect(queue.oldest()).toBeNull();
});
