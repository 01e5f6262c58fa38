// When batches close: one closing at a time, in order, and never early.

import { describe, expect, it } from "vitest";
import type { Clock } from "../ports.ts";
import { createCloser } from "./closer.ts";
import type { Batch } from "./log.ts";
import { nothingPending, type Pending, withEntry } from "./policy.ts";

/** A clock that stands still until it is told to go on. */
function manualClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      now += ms;
      for (const timer of Array.from(timers)) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.callback();
      }
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    },
  };
}

function world() {
  const clock = manualClock();
  let pending: Pending = nothingPending;
  const closed: number[] = [];
  const errors: unknown[] = [];
  let failures = 0;
  const log = {
    pending: () => pending,
    async closeBatch(): Promise<Batch | null> {
      if (failures-- > 0) throw new Error("disk full");
      closed.push(pending.count);
      pending = nothingPending;
      return { from: 0, size: 1, root: new Uint8Array(32), checkpoint: "", proof: [], since: 0 };
    },
  };
  const limits = { batchCountMax: 3, batchBytesMax: 1_000, batchAgeMsMax: 100 };
  const closer = createCloser({
    log,
    limits,
    clock,
    retryMs: 50,
    onBatch: () => {},
    onError: (error) => errors.push(error),
  });
  const add = (): void => {
    pending = withEntry(pending, 10, clock.now());
    closer.wake();
  };
  const fail = (times: number): void => {
    failures = times;
  };
  return { clock, closer, add, closed, errors, fail };
}

describe("the closer", () => {
  it("closes nothing before it is started", async () => {
    const { clock, closer, add, closed } = world();
    for (let n = 0; n < 5; n++) add();
    await clock.advance(1_000);
    expect(closed).toEqual([]);
    closer.start();
    await clock.advance(0);
    expect(closed).toEqual([5]);
  });

  it("closes a full batch at once and any other by age", async () => {
    const { clock, closer, add, closed } = world();
    closer.start();
    add();
    await clock.advance(99);
    expect(closed).toEqual([]);
    await clock.advance(1);
    expect(closed).toEqual([1]);
    add();
    add();
    add();
    await clock.advance(0);
    expect(closed).toEqual([1, 3]);
  });

  it("reports a failed closing and tries again after a while", async () => {
    const { clock, closer, add, closed, errors, fail } = world();
    closer.start();
    fail(1);
    for (let n = 0; n < 3; n++) add();
    await clock.advance(0);
    expect(errors).toHaveLength(1);
    await clock.advance(50);
    expect(closed).toEqual([3]);
  });

  it("closes nothing after it was stopped", async () => {
    const { clock, closer, add, closed } = world();
    closer.start();
    add();
    await closer.stop();
    await clock.advance(1_000);
    expect(closed).toEqual([]);
  });
});
