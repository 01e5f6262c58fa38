// The journal under crashes: what was acknowledged survives, damage is named, and the checker catches a skipped fsync.

import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryVault } from "../memory-vault.ts";
import { type Cursor, type Journal, type JournalRecord, openJournal } from "./journal.ts";
import { type Fault, type MemoryFiles, memoryFiles } from "./memory-files.ts";

const vault = memoryVault();

const DIRECTORY = "/journal";
const FIRST = "/journal/0000000001.segment";

function record(sequence: number, extra: Partial<JournalRecord> = {}): JournalRecord {
  return {
    arrivedAt: 1_700_000_000_000 + sequence,
    late: sequence % 3 === 0,
    kid: new Uint8Array(32).fill(sequence),
    sequence,
    statement: new Uint8Array(20 + (sequence % 7)).fill(sequence),
    body: sequence % 2 === 0 ? new Uint8Array(5).fill(sequence) : null,
    ...extra,
  };
}

function open(
  files: MemoryFiles,
  extra: { segmentBytesMax?: number; journalBytesMax?: number } = {},
): Promise<Journal> {
  return openJournal({
    directory: DIRECTORY,
    segmentBytesMax: 1_000,
    journalBytesMax: 100_000,
    vault,
    files,
    ...extra,
  });
}

async function sequences(journal: Journal, from: Cursor = journal.start()): Promise<number[]> {
  const found: number[] = [];
  for await (const { record } of journal.replay(from)) found.push(record.sequence);
  return found;
}

/** Appends 1..n one group each; gives what was acknowledged. */
async function appendEach(journal: Journal, from: number, to: number): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let n = from; n <= to; n++) {
    await journal.append(record(n)).then(
      () => acknowledged.push(n),
      () => undefined,
    );
  }
  return acknowledged;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe("append and replay", () => {
  test("records come back as they were, with usable cursors", async () => {
    const files = memoryFiles();
    const journal = await open(files);
    const cursors = await Promise.all(upTo(40).map((n) => journal.append(record(n))));
    await journal.close();
    const again = await open(files);
    const found = [];
    for await (const entry of again.replay(again.start())) found.push(entry);
    expect(
      found.map((entry) => ({
        ...entry.record,
        kid: new Uint8Array(entry.record.kid),
        statement: new Uint8Array(entry.record.statement),
        body: entry.record.body && new Uint8Array(entry.record.body),
      })),
    ).toEqual(upTo(40).map((n) => record(n)));
    expect(found.map(({ next }) => next)).toEqual(cursors);
    expect(await sequences(again, cursors[9])).toEqual(upTo(40).slice(10));
    expect(await sequences(again, cursors[39])).toEqual([]);
  });

  test("bodies lie sealed, are told as long as they may be replayed, and are gone with their key", async () => {
    const files = memoryFiles();
    const journal = await open(files);
    const body = Buffer.from("a pseudonym of someone");
    const cursors = [];
    for (const n of upTo(4)) cursors.push(await journal.append(record(n, { body })));
    expect((await files.read(FIRST, 0, 1_000)).includes(body)).toBe(false);
    const sealed = async () => {
      const found: Uint8Array[] = [];
      for await (const one of journal.sealed()) found.push(one);
      return found.map((one) => vault.open(one));
    };
    expect(await sealed()).toEqual(upTo(4).map(() => new Uint8Array(body)));
    await journal.release(cursors[2]!);
    expect(await sealed()).toHaveLength(1);
    vault.destroy();
    const bodies = [];
    for await (const one of journal.replay(journal.start())) bodies.push(one.record.body);
    expect(bodies).toEqual([null, null, null, null]);
  });

  test("everything of one turn is one group", async () => {
    const groups: number[] = [];
    const journal = await openJournal({
      directory: DIRECTORY,
      segmentBytesMax: 1e6,
      journalBytesMax: 1e6,
      vault,
      files: memoryFiles(),
      onGroup: (records) => groups.push(records),
    });
    await Promise.all(upTo(100).map((n) => journal.append(record(n))));
    expect(groups).toEqual([100]);
  });

  test("segments roll and are released; a released cursor is refused", async () => {
    const files = memoryFiles();
    const journal = await open(files, { segmentBytesMax: 200 });
    const cursors: Cursor[] = [];
    for (const n of upTo(20)) cursors.push(await journal.append(record(n)));
    const before = journal.bytes();
    await journal.release(cursors[9]!);
    expect(journal.start().segment).toBe(cursors[9]!.segment);
    expect(journal.bytes()).toBeLessThan(before);
    expect(await sequences(journal, cursors[9])).toEqual(upTo(20).slice(10));
    await expect(sequences(journal, { segment: 1, offset: 0 })).rejects.toMatchObject({
      code: "journal.cursor",
    });
    files.powerCut();
    const again = await open(files, { segmentBytesMax: 200 });
    expect(await sequences(again, cursors[9])).toEqual(upTo(20).slice(10));
    expect(again.bytes()).toBe(journal.bytes());
  });

  test("over its budget it refuses, and takes again after a release", async () => {
    const journal = await open(memoryFiles(), { segmentBytesMax: 200, journalBytesMax: 500 });
    const acknowledged = await appendEach(journal, 1, 20);
    expect(acknowledged.length).toBeLessThan(20);
    await expect(journal.append(record(99))).rejects.toMatchObject({ code: "journal.full" });
    await journal.release(journal.end());
    await journal.append(record(99));
    expect((await sequences(journal)).at(-1)).toBe(99);
  });

  test("a closed journal and a giant record are refused", async () => {
    const journal = await open(memoryFiles(), { journalBytesMax: 1e8 });
    await expect(
      journal.append(record(1, { statement: new Uint8Array(1 << 20) })),
    ).rejects.toMatchObject({ code: "journal.record" });
    await journal.close();
    await expect(journal.append(record(1))).rejects.toMatchObject({ code: "journal.closed" });
  });
});

/** Runs appends with one fault at the n-th operation, cuts the power, reopens: gives the acknowledged and the found. */
async function crashRun(operation: "append" | "sync", nth: number, fault: Fault, kept: number) {
  const files = memoryFiles();
  const journal = await open(files, { segmentBytesMax: 250 });
  let count = 0;
  files.fault = (now) => (now === operation && ++count === nth ? fault : undefined);
  const acknowledged = await appendEach(journal, 1, 12);
  files.fault = () => undefined;
  files.powerCut(kept);
  const again = await open(files, { segmentBytesMax: 250 });
  const found = await sequences(again);
  const after = await appendEach(again, 100, 103);
  expect(after).toEqual([100, 101, 102, 103]);
  expect(await sequences(again)).toEqual([...found, ...after]);
  return { acknowledged, found };
}

describe("crash", () => {
  const faults: readonly Fault[] = ["failed", "failed-in-part", "failed-but-persisted"];
  for (const operation of ["append", "sync"] as const) {
    for (const fault of faults) {
      test(`${operation} ${fault}: nothing acknowledged is lost, order is kept`, async () => {
        for (let nth = 1; nth <= 12; nth++) {
          for (const kept of [0, 1, 11, 40, 10_000]) {
            const { acknowledged, found } = await crashRun(operation, nth, fault, kept);
            expect(found).toEqual(expect.arrayContaining(acknowledged));
            expect(found).toEqual(found.toSorted((a, b) => a - b));
            expect(new Set(found).size).toBe(found.length);
            // A failed write is taken back and the journal goes on; after a failed fsync it stops for good.
            expect(acknowledged.length).toBe(operation === "append" ? 11 : nth - 1);
          }
        }
      });
    }
  }

  test("the checker catches the mutant that skips an fsync", async () => {
    const { acknowledged, found } = await crashRun("sync", 12, "skipped", 0);
    expect(acknowledged).toContain(12);
    expect(found).not.toContain(12);
  });

  test("a write that can not even be taken back stops the journal", async () => {
    const files = memoryFiles();
    const journal = await open(files);
    await journal.append(record(1));
    files.fault = (operation) => (operation === "sync" ? undefined : "failed");
    await expect(journal.append(record(2))).rejects.toMatchObject({ code: "journal.failed" });
    files.fault = () => undefined;
    await expect(journal.append(record(3))).rejects.toMatchObject({ code: "journal.failed" });
    expect(journal.failure()).toBe("journal.failed");
    expect(await sequences(await open(files))).toEqual([1]);
  });

  test("a torn tail of any length is cut off and reported", async () => {
    const whole = memoryFiles();
    const journal = await open(whole);
    await appendEach(journal, 1, 2);
    const durable = whole.size(FIRST);
    whole.fault = (operation) => (operation === "sync" ? "failed" : undefined);
    await appendEach(journal, 3, 3);
    const length = whole.size(FIRST) - durable;
    expect(length).toBeGreaterThan(0);
    for (let kept = 1; kept < length; kept++) {
      const files = memoryFiles();
      const torn = await open(files);
      await appendEach(torn, 1, 2);
      files.fault = (operation) => (operation === "sync" ? "failed" : undefined);
      await appendEach(torn, 3, 3);
      files.fault = () => undefined;
      files.powerCut(kept);
      const again = await open(files);
      expect(again.torn).toEqual({ segment: 1, offset: durable, bytes: kept });
      expect(await sequences(again)).toEqual([1, 2]);
      expect(files.size(FIRST)).toBe(durable);
    }
  });
});

describe("damage", () => {
  test("a flipped bit before the last group is an error that says where", async () => {
    const files = memoryFiles();
    const journal = await open(files);
    const ends: number[] = [0];
    for (const n of upTo(4)) ends.push((await journal.append(record(n))).offset);
    await journal.close();
    for (let n = 0; n < 3; n++) {
      for (const at of [0, 3, 5, 9, 20]) {
        files.flipByte(FIRST, ends[n]! + at);
        await expect(open(files)).rejects.toMatchObject({
          code: "journal.corrupt",
          message: expect.stringContaining(`${FIRST} at byte ${ends[n]} of ${ends[4]}`),
        });
        files.flipByte(FIRST, ends[n]! + at);
      }
    }
    // In the last group damage and a torn write look the same: it is cut off, and said so.
    files.flipByte(FIRST, ends[3]! + 20);
    const again = await open(files);
    expect(again.torn).toEqual({ segment: 1, offset: ends[3], bytes: ends[4]! - ends[3]! });
  });

  test("a flipped bit in an older segment, and a missing segment, are errors", async () => {
    const files = memoryFiles();
    const journal = await open(files, { segmentBytesMax: 200 });
    await appendEach(journal, 1, 20);
    await journal.close();
    files.flipByte(FIRST, 30);
    const again = await open(files);
    await expect(sequences(again)).rejects.toMatchObject({ code: "journal.corrupt" });
    await files.remove("/journal/0000000002.segment");
    await expect(open(files)).rejects.toMatchObject({
      code: "journal.corrupt",
      message: expect.stringContaining("0000000002"),
    });
  });
});

test("on the real file system: reopened, torn, released", async () => {
  const directory = await mkdtemp(join(tmpdir(), "muniment-journal-"));
  try {
    const options = {
      directory: join(directory, "a/b"),
      segmentBytesMax: 300,
      journalBytesMax: 1e6,
      vault,
    };
    const journal = await openJournal(options);
    const cursors = await Promise.all(upTo(30).map((n) => journal.append(record(n))));
    await Promise.all([31, 32].map((n) => journal.append(record(n))));
    await journal.release(cursors[29]!);
    const { segment, offset } = journal.end();
    await journal.close();
    await truncate(
      join(options.directory, `${String(segment).padStart(10, "0")}.segment`),
      offset - 3,
    );
    const again = await openJournal(options);
    expect(again.torn).not.toBeNull();
    expect(await sequences(again, cursors[29])).toEqual([31]);
    await again.append(record(32));
    expect(await sequences(again, cursors[29])).toEqual([31, 32]);
    await again.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
