// A slow reader gets the first value and the last, and holds nothing in between.

import { expect, it } from "vitest";
import { newestOnly } from "./newest-only.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("keeps one value for a reader that is slow, and all for one that is not", async () => {
  const sent: number[] = [];
  const waiting: (() => void)[] = [];
  const give = newestOnly<number>(
    (value) => {
      sent.push(value);
      return new Promise((resolve) => waiting.push(resolve));
    },
    () => expect.unreachable(),
  );
  for (let n = 1; n <= 1_000; n++) give(n);
  expect(sent).toEqual([1]);
  waiting.shift()!();
  await turn();
  expect(sent).toEqual([1, 1_000]);
  waiting.shift()!();
  await turn();
  give(1_001);
  expect(sent).toEqual([1, 1_000, 1_001]);
  expect(waiting).toHaveLength(1);
});

it("ends with the first failure", async () => {
  let failures = 0;
  let sends = 0;
  const give = newestOnly<number>(
    async () => {
      sends += 1;
      throw new Error("gone");
    },
    () => {
      failures += 1;
    },
  );
  give(1);
  await turn();
  give(2);
  await turn();
  expect([sends, failures]).toEqual([1, 1]);
});
