// Ingest over real workers and an in-memory disk: what is answered is durable, counted once, and nothing waits for ever.

import { encode } from "@muniment/core";
import { afterEach, describe, expect, test } from "vitest";
import { type JournalRecord, openJournal } from "../journal/journal.ts";
import { type MemoryFiles, memoryFiles } from "../journal/memory-files.ts";
import { openQuarantine } from "../journal/quarantine.ts";
import { memoryVault } from "../memory-vault.ts";
import { createCounters } from "./counters.ts";
import { Dedup } from "./dedup.ts";
import { createIngest, type Ingest, ingestLimits, type Outcome } from "./ingest.ts";
import { MemoryKeyring } from "./memory-keyring.ts";
import { SAMPLE_TIME, SampleDevice } from "./sample-device.ts";

const vault = memoryVault();

const meter = new SampleDevice("meter-1");
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface OpenOptions {
  readonly keyring?: MemoryKeyring;
  readonly journalBytesMax?: number;
  readonly quarantineBytesMax?: number;
  readonly inFlightMax?: number;
  readonly heldMax?: number;
}

/** A gateway's ingest on the given disk, recovered from its journal as gateway.ts does it. */
async function open(files: MemoryFiles, options: OpenOptions = {}) {
  const keyring = options.keyring ?? new MemoryKeyring();
  const counters = createCounters();
  const journal = await openJournal({
    directory: "/journal",
    segmentBytesMax: 4_096,
    journalBytesMax: options.journalBytesMax ?? 1e6,
    vault,
    files,
  });
  const quarantine = await openQuarantine({
    directory: "/quarantine",
    segmentBytesMax: 4_096,
    quarantineBytesMax: options.quarantineBytesMax ?? 1e6,
    vault,
    clientBytesMax: 1e5,
    files,
  });
  const dedup = new Dedup();
  const inLog: JournalRecord[] = [];
  for await (const { record } of journal.replay(journal.start())) {
    dedup.note(record);
    inLog.push(record);
  }
  const retries: (() => void)[] = [];
  const clock = {
    now: () => SAMPLE_TIME * 1_000,
    after: (_ms: number, callback: () => void) => {
      retries.push(callback);
      return () => void retries.splice(retries.indexOf(callback), 1);
    },
  };
  const limits = {
    ...ingestLimits,
    verifyWorkers: 1,
    inFlightMax: options.inFlightMax ?? 1_000,
    heldMax: options.heldMax ?? 1_000,
  };
  const ingest = await createIngest({
    keyring,
    journal,
    quarantine,
    dedup,
    clock,
    limits,
    counters,
    onDurable: ({ record }) => inLog.push(record),
  });
  closing.push(() => ingest.close());
  return { ingest, keyring, counters, journal, quarantine, inLog, retries };
}

function send(ingest: Ingest, payload: Uint8Array, device = "meter-1"): Promise<Outcome> {
  return new Promise((resolve) => ingest.receive({ building: "b1", device, payload }, resolve));
}

/** The result, or the code of why it was not durable in parentheses. */
async function resultOf(outcome: Promise<Outcome>): Promise<string> {
  const one = await outcome;
  return one.durable ? one.result : `(${one.error.code})`;
}

function enrolled(): MemoryKeyring {
  const keyring = new MemoryKeyring();
  keyring.put(meter.record);
  return keyring;
}

const sequences = (records: readonly JournalRecord[]): number[] =>
  records.map(({ sequence }) => sequence);

describe("durable outcomes", () => {
  test("admitted in order, late ones marked, duplicates not again, refusals in quarantine", async () => {
    const files = memoryFiles();
    const { ingest, counters, inLog, quarantine } = await open(files, { keyring: enrolled() });
    const payloads = [1, 2, 4, 3, 4].map((n) => meter.statement(n));
    const conflict = meter.statement(4, [
      { name: "power", unit: "W", value: 0, time: SAMPLE_TIME },
    ]);
    const results = await Promise.all(
      [...payloads, conflict, Uint8Array.of(0xa1, 0, 0xff), new Uint8Array(9_000)].map((payload) =>
        resultOf(send(ingest, payload)),
      ),
    );
    expect(results).toEqual([
      "admitted",
      "admitted",
      "admitted",
      "late",
      "duplicate",
      "conflict",
      "cose.structure",
      "too-large",
    ]);
    expect(sequences(inLog)).toEqual([1, 2, 4, 3]);
    expect(inLog.map(({ late }) => late)).toEqual([false, false, false, true]);
    expect((await quarantine.read(0, 10)).map(({ reason }) => reason).toSorted()).toEqual([
      "conflict",
      "cose.structure",
      "too-large",
    ]);
    expect(counters).toMatchObject({
      received: 8,
      admitted: 3,
      late: 1,
      duplicate: 1,
      inFlightNow: 0,
      quarantined: { conflict: 1, "cose.structure": 1, "too-large": 1 },
    });
  });

  test("an access event keeps its body apart", async () => {
    const { ingest, inLog } = await open(memoryFiles(), { keyring: enrolled() });
    const { statement, body, payload } = meter.access(5);
    expect(await resultOf(send(ingest, payload))).toBe("admitted");
    expect(Uint8Array.from(inLog[0]!.statement)).toEqual(statement);
    expect(Uint8Array.from(inLog[0]!.body!)).toEqual(body);
    expect(await resultOf(send(ingest, encode([statement, meter.access(6).body])))).toBe(
      "body-mismatch",
    );
  });

  test("nothing is answered before its fsync, and a duplicate waits for that of the first copy", async () => {
    const files = memoryFiles();
    const { ingest } = await open(files, { keyring: enrolled() });
    let letThrough = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    // The journal's file is open since the start: its sync is held back through the port.
    const synced: string[] = [];
    files.fault = (operation, path) => {
      if (operation === "sync") synced.push(path);
      return undefined;
    };
    files.delay = (operation) => (operation === "sync" ? gate : Promise.resolve());
    const answered: string[] = [];
    const first = resultOf(send(ingest, meter.statement(1))).then((result) =>
      answered.push(result),
    );
    const second = resultOf(send(ingest, meter.statement(1))).then((result) =>
      answered.push(result),
    );
    await files.reached("sync");
    expect(answered).toEqual([]);
    letThrough();
    await Promise.all([first, second]);
    expect(answered.toSorted()).toEqual(["admitted", "duplicate"]);
    expect(synced).toHaveLength(1);
  });

  test("a failed fsync answers nobody, the duplicate neither; after a restart the same is admitted or a duplicate", async () => {
    for (const [fault, afterwards] of [
      ["failed", "admitted"],
      ["failed-but-persisted", "duplicate"],
    ] as const) {
      const files = memoryFiles();
      const keyring = enrolled();
      const { ingest, inLog, counters } = await open(files, { keyring });
      files.fault = (operation, path) =>
        operation === "sync" && path.startsWith("/journal") ? fault : undefined;
      const results = await Promise.all(
        [1, 1, 2].map((n) => resultOf(send(ingest, meter.statement(n)))),
      );
      expect(results).toEqual(["(journal.failed)", "(journal.write)", "(journal.failed)"]);
      expect(inLog).toEqual([]);
      expect(counters.notAcknowledged).toEqual({ "journal.failed": 2, "journal.write": 1 });
      files.fault = () => undefined;
      files.powerCut();
      const again = await open(files, { keyring });
      expect(await resultOf(send(again.ingest, meter.statement(1)))).toBe(afterwards);
      expect(sequences(again.inLog).filter((n) => n === 1)).toHaveLength(1);
    }
  });

  test("a write that was taken back was never seen: the device sends again and is admitted", async () => {
    const files = memoryFiles();
    const { ingest, inLog } = await open(files, { keyring: enrolled() });
    files.fault = (operation) => (operation === "append" ? "failed-in-part" : undefined);
    expect(await resultOf(send(ingest, meter.statement(1)))).toBe("(journal.write)");
    files.fault = () => undefined;
    expect(await resultOf(send(ingest, meter.statement(1)))).toBe("admitted");
    expect(sequences(inLog)).toEqual([1]);
  });
});

describe("budgets", () => {
  test("a full journal or quarantine is not acknowledged, and says so", async () => {
    const full = await open(memoryFiles(), { keyring: enrolled(), journalBytesMax: 700 });
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => resultOf(send(full.ingest, meter.statement(n)))),
    );
    expect(results[0]).toBe("admitted");
    expect(results.at(-1)).toBe("(journal.full)");
    await full.journal.release(full.journal.end());
    const refusing = await open(memoryFiles(), { keyring: enrolled(), quarantineBytesMax: 50 });
    expect(await resultOf(send(refusing.ingest, Uint8Array.of(1)))).toBe("(quarantine.full)");
    expect(await resultOf(send(refusing.ingest, meter.statement(1)))).toBe("admitted");
    expect(refusing.counters.notAcknowledged).toEqual({ "quarantine.full": 1 });
  });

  test("more in flight than allowed is refused", async () => {
    const { ingest, counters } = await open(memoryFiles(), { keyring: enrolled(), inFlightMax: 2 });
    const results = await Promise.all(
      [1, 2, 3].map((n) => resultOf(send(ingest, meter.statement(n)))),
    );
    expect(results).toEqual(["admitted", "admitted", "(ingest.busy)"]);
    expect(counters.inFlightNow).toBe(0);
  });
});

describe("unknown keys", () => {
  test("no more wait than there is memory for, before and after a restart", async () => {
    const files = memoryFiles();
    const { ingest, counters } = await open(files, { heldMax: 3 });
    const strangers = [1, 2, 3, 4].map((n) => new SampleDevice(`stranger-${n}`));
    const results = await Promise.all(
      strangers.map((one) => resultOf(send(ingest, one.statement(1)))),
    );
    expect(results).toEqual(["unknown-key", "unknown-key", "unknown-key", "(quarantine.held)"]);
    expect(counters.heldNow).toBe(3);
    const again = await open(files, { heldMax: 3 });
    expect(await resultOf(send(again.ingest, strangers[3]!.statement(1)))).toBe(
      "(quarantine.held)",
    );
    again.keyring.put(strangers[0]!.record);
    await again.ingest.settled();
    expect(await resultOf(send(again.ingest, strangers[3]!.statement(1)))).toBe("unknown-key");
  });

  test("wait in quarantine and are admitted in order once enrolled; live ones do not overtake", async () => {
    const files = memoryFiles();
    const { ingest, keyring, counters, quarantine, inLog } = await open(files);
    const count = 150;
    for (let n = 1; n <= count; n++)
      expect(await resultOf(send(ingest, meter.statement(n)))).toBe("unknown-key");
    const spoiled = Uint8Array.from(meter.statement(count + 1));
    spoiled[spoiled.length - 1]! ^= 1;
    expect(await resultOf(send(ingest, spoiled))).toBe("unknown-key");
    expect(counters.heldNow).toBe(count + 1);
    keyring.put(meter.record);
    const live = resultOf(send(ingest, meter.statement(count + 2)));
    expect(["unknown-key", "admitted"]).toContain(await live);
    await ingest.settled();
    expect(sequences(inLog)).toEqual([
      ...Array.from({ length: count }, (_, i) => i + 1),
      count + 2,
    ]);
    expect(inLog.every(({ late }) => !late)).toBe(true);
    expect(counters.heldNow).toBe(0);
    expect((await quarantine.read(0, 1_000)).map(({ reason }) => reason)).toEqual([
      "bad-signature",
    ]);
  });

  test("survive a restart, and are examined at the start", async () => {
    const files = memoryFiles();
    const before = await open(files);
    for (const n of [1, 2]) await send(before.ingest, meter.statement(n));
    await before.ingest.close();
    files.powerCut();
    const after = await open(files, { keyring: enrolled() });
    await after.ingest.settled();
    expect(sequences(after.inLog)).toEqual([1, 2]);
    expect(after.counters.released).toBe(2);
    files.powerCut();
    const third = await open(files, { keyring: enrolled() });
    await third.ingest.settled();
    expect(sequences(third.inLog)).toEqual([1, 2]);
    expect(third.quarantine.count()).toBe(0);
  });

  test("stay held while the journal has no room, and are tried again", async () => {
    const files = memoryFiles();
    const { ingest, keyring, counters, inLog, retries } = await open(files);
    for (const n of [1, 2]) await send(ingest, meter.statement(n));
    files.fault = (operation, path) =>
      operation === "append" && path.startsWith("/journal") ? "failed" : undefined;
    keyring.put(meter.record);
    await ingest.settled();
    expect(counters.heldNow).toBe(2);
    files.fault = () => undefined;
    expect(retries).toHaveLength(1);
    retries[0]!();
    await ingest.settled();
    expect(sequences(inLog)).toEqual([1, 2]);
  });

  test("a revoked key is refused at once", async () => {
    const { ingest, keyring } = await open(memoryFiles(), { keyring: enrolled() });
    const first = send(ingest, meter.statement(1));
    keyring.put({ ...meter.record, status: "revoked" });
    expect(await resultOf(first)).toBe("revoked-key");
  });
});

test("after close nothing is acknowledged", async () => {
  const { ingest } = await open(memoryFiles(), { keyring: enrolled() });
  const pending = resultOf(send(ingest, meter.statement(1)));
  await ingest.close();
  expect(await pending).toBe("(ingest.closed)");
  expect(await resultOf(send(ingest, meter.statement(1)))).toBe("(ingest.closed)");
});
