// The pool on real threads: order, batches, registry updates, and workers that die.

import { afterEach, expect, test } from "vitest";
import type { GatewayError } from "../errors.ts";
import type { Checked } from "./checked.ts";
import { createCounters } from "./counters.ts";
import { MemoryKeyring } from "./memory-keyring.ts";
import { SampleDevice } from "./sample-device.ts";
import { createVerifyPool, type VerifyPool } from "./verify-pool.ts";

const meter = new SampleDevice("meter-1");
type Pool = VerifyPool<(result: Checked | GatewayError) => void>;
let pool: Pool | null = null;

async function open(keyring: MemoryKeyring, workers = 2) {
  const counters = createCounters();
  pool = await createVerifyPool({
    keyring,
    workers,
    counters,
    onResult: (resolve: (result: Checked | GatewayError) => void, result) => resolve(result),
  });
  return { pool, counters };
}

afterEach(async () => {
  await pool?.close();
  pool = null;
});

const judge = (from: Pool, payload: Uint8Array): Promise<Checked | GatewayError> =>
  new Promise((resolve) => from.submit(payload, resolve));

test("results come in order of submission, whichever thread is first", async () => {
  const keyring = new MemoryKeyring();
  keyring.put(meter.record);
  const { pool, counters } = await open(keyring);
  // Malformed ones cost nothing, so batches of them overtake batches of signatures.
  const payloads = Array.from({ length: 400 }, (_, i) =>
    i % 200 < 100 ? meter.statement(i) : Uint8Array.of(i & 255),
  );
  const order: number[] = [];
  const results = await Promise.all(
    payloads.map((payload, i) => judge(pool, payload).finally(() => order.push(i))),
  );
  expect(order).toEqual(payloads.map((_, i) => i));
  results.forEach((result, i) => {
    expect(result).toMatchObject(i % 200 < 100 ? { code: null, sequence: i } : { parsed: false });
  });
  expect(counters.verifyMessages).toBe(400);
  expect(counters.verifyMessages / counters.verifyBatches).toBeGreaterThanOrEqual(32);
});

test("a registry update holds for whatever is submitted after it", async () => {
  const keyring = new MemoryKeyring();
  const { pool } = await open(keyring, 1);
  expect(await judge(pool, meter.statement(1))).toMatchObject({
    code: "unknown-key",
    parsed: true,
    sequence: 1,
  });
  keyring.put(meter.record);
  expect(await judge(pool, meter.statement(1))).toMatchObject({ code: null });
  keyring.put({ ...meter.record, place: "b1/floor-2" });
  expect(await judge(pool, meter.statement(1))).toMatchObject({ code: "wrong-subject" });
});

test("a key that does not go by its own thumbprint judges nothing", async () => {
  const keyring = new MemoryKeyring();
  const other = new SampleDevice("meter-2");
  keyring.put({ ...other.record, kid: meter.record.kid });
  const { pool } = await open(keyring, 1);
  expect(await judge(pool, meter.statement(1))).toMatchObject({ code: "unknown-key" });
});

test("a message that ends its worker comes back failed, and the next is judged", async () => {
  const keyring = new MemoryKeyring();
  const broken = new SampleDevice("broken");
  keyring.put(meter.record, { ...broken.record, points: null as never }); // a broken invariant in the registry
  const { pool, counters } = await open(keyring);
  const results = await Promise.all([
    judge(pool, broken.statement(1)),
    judge(pool, Uint8Array.of(1)),
  ]);
  expect(results[0]).toMatchObject({ code: "verify.failed" });
  expect(await judge(pool, meter.statement(2))).toMatchObject({ code: null, sequence: 2 });
  expect(counters.verifyWorkersLost).toBe(2);
});

test("what is under way when it closes comes back unjudged", async () => {
  const { pool } = await open(new MemoryKeyring(), 1);
  const pending = Array.from({ length: 300 }, () => judge(pool, meter.statement(1)));
  await pool.close();
  for (const result of await Promise.all(pending))
    expect(result).toMatchObject({ code: "ingest.closed" });
  expect(await judge(pool, meter.statement(1))).toMatchObject({ code: "ingest.closed" });
});
