// The keys of bodies in this box: a new one in time, and none longer than something needs it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SealingKeys } from "@muniment/core/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BodyKeys, openBodyKeys } from "./body-keys.ts";

const DAY_MS = 86_400_000;
const KEY_MS = 6 * 3_600_000;
let directory: string;
let now: number;
let timers: Map<() => void, number>;
let errors: unknown[];
const opened: BodyKeys[] = [];
/** What is still needed, and how many entries are final. */
let needed: Uint8Array[];
let finalSize: number;
/** How often all that is needed was looked through. */
let looks: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muniment-body-keys-"));
  now = Date.parse("2026-01-05T00:00:00Z");
  timers = new Map();
  errors = [];
  needed = [];
  finalSize = 0;
  looks = 0;
});
afterEach(async () => {
  for (const keys of opened.splice(0)) await keys.stop();
  expect(errors).toEqual([]);
  await rm(directory, { recursive: true, force: true });
});

async function open(): Promise<BodyKeys> {
  const keys = await openBodyKeys({
    ...{ directory, keyMs: KEY_MS, quarantineDaysMax: 30 },
    clock: {
      now: () => now,
      after(ms, callback) {
        timers.set(callback, now + ms);
        return () => timers.delete(callback);
      },
    },
    onError: (error) => errors.push(error),
  });
  opened.push(keys);
  keys.start({
    async *sealed() {
      looks += 1;
      yield* needed;
    },
    finalSize: () => finalSize,
  });
  return keys;
}

/** Lets time pass, and each look that falls into it come to its end. */
async function pass(ms: number): Promise<void> {
  const until = now + ms;
  for (;;) {
    const [next] = [...timers].sort(([, a], [, b]) => a - b);
    if (next === undefined || next[1] > until) break;
    timers.delete(next[0]);
    now = next[1];
    next[0]();
    // The next look is planned once this one has ended.
    while (timers.size === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  now = until;
}

const names = () => new SealingKeys(directory).names();
const body = Uint8Array.of(1, 2, 3);

test("what is sealed opens until nothing needs it, and then never again", async () => {
  const keys = await open();
  const first = keys.transit.seal(body);
  needed = [first];
  await pass(5 * KEY_MS);
  finalSize = 10;
  await pass(KEY_MS);
  expect(keys.transit.open(first)).toEqual(body);
  needed = [];
  finalSize = 11;
  await pass(KEY_MS);
  expect(keys.transit.open(first)).toBeNull();
  // The one that seals, the one before it, and those of the quarantine.
  expect((await names()).filter((name) => name.startsWith("transit/"))).toHaveLength(2);
});

test("little is looked through while nothing becomes final, and the last key goes too", async () => {
  const keys = await open();
  const first = keys.transit.seal(body);
  needed = [first];
  await pass(3 * KEY_MS);
  const before = looks;
  await pass(20 * KEY_MS);
  // Four looks a key, and no more than one of them looks through anything.
  expect(looks - before).toBeLessThanOrEqual(20);
  expect(keys.transit.open(first)).toEqual(body);
  // Final, and then nothing ever again.
  needed = [];
  finalSize = 1;
  const last = keys.transit.seal(body);
  await pass(3 * KEY_MS);
  for (const sealed of [first, last]) expect(keys.transit.open(sealed)).toBeNull();
});

test("what is sealed last is never without its key, whatever is final", async () => {
  const keys = await open();
  for (let round = 0; round < 20; round++) {
    const sealed = keys.transit.seal(body);
    finalSize += 1;
    // On its way to the disk for as long as one key lasts.
    await pass(KEY_MS);
    expect(keys.transit.open(sealed)).toEqual(body);
  }
});

test("the quarantine's keys go by the day, whether or not something is there", async () => {
  const keys = await open();
  const sealed = keys.quarantine.seal(body);
  await pass(29 * DAY_MS);
  expect(keys.quarantine.open(sealed)).toEqual(body);
  await pass(2 * DAY_MS);
  expect(keys.quarantine.open(sealed)).toBeNull();
});

test("a restart opens what was sealed before, and a clock set back seals with the newest all the same", async () => {
  const keys = await open();
  const sealed = keys.transit.seal(body);
  await pass(KEY_MS + 1);
  await keys.stop();
  now -= 10 * DAY_MS;
  const again = await open();
  expect(again.transit.open(sealed)).toEqual(body);
  const later = again.transit.seal(body);
  await pass(KEY_MS);
  expect(again.transit.open(later)).toEqual(body);
  expect(again.transit.open(body)).toBeNull();
});
