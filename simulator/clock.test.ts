// A fast clock runs so many times as fast, and stops running ahead when it has caught up.
import { expect, test } from "vitest";
import { eagerClock, fastClock } from "./clock.ts";

test("an hour of past at ten times the speed is caught up with in 400 seconds", async () => {
  const base = eagerClock(10_000);
  const fast = fastClock(base, 6_400, 10);
  expect(fast.now()).toBe(6_400);
  await fast.until(7_400);
  expect(base.now()).toBe(10_100);
  expect(fast.now()).toBe(7_400);
  await fast.until(10_400);
  expect([base.now(), fast.now()]).toEqual([10_400, 10_400]);
  await fast.until(10_450);
  expect([base.now(), fast.now()]).toEqual([10_450, 10_450]);
});
