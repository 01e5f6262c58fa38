// The duplicate windows against a slow twin that remembers everything.

import { leafHash, toHex, u32be } from "@muniment/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Dedup, type Verdict, WINDOW_SEQUENCES } from "./dedup.ts";

const KID = "aa".repeat(32);
const hash = (n: number): Uint8Array => leafHash(u32be(n));

/** Judges, and takes what is new or late as durable. */
function take(dedup: Dedup, sequence: number, of: number): Verdict {
  const verdict = dedup.judge(KID, sequence, hash(of));
  if (verdict === "new" || verdict === "late") {
    dedup.reserve(KID, sequence, hash(of));
    dedup.settle(KID, sequence, true);
  }
  return verdict;
}

/** The textbook: a map of all sequences ever. */
class Twin {
  readonly seen = new Map<number, number>();
  highest = -1;
  take(sequence: number, of: number): Verdict {
    if (sequence <= this.highest - WINDOW_SEQUENCES) return "sequence-too-old";
    const before = this.seen.get(sequence);
    if (before !== undefined) return before === of ? "duplicate" : "conflict";
    this.seen.set(sequence, of);
    if (sequence > this.highest) {
      this.highest = sequence;
      return "new";
    }
    return "late";
  }
}

test("agrees with the twin, through export and import", () => {
  const step = fc.record({
    jump: fc.oneof(fc.integer({ min: -1_100, max: 3 }), fc.integer({ min: 0, max: 2_500 })),
    of: fc.integer({ min: 0, max: 1 }),
    restart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let dedup = new Dedup();
      const twin = new Twin();
      for (const { jump, of, restart } of steps) {
        const sequence = Math.max(0, twin.highest + jump);
        expect(take(dedup, sequence, of)).toBe(twin.take(sequence, of));
        if (restart) {
          const again = new Dedup();
          again.import(KID, dedup.export(KID));
          dedup = again;
        }
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

describe("on the way to the journal", () => {
  test("a second copy is a duplicate that waits; a lower sequence is late; other bytes conflict", () => {
    const dedup = new Dedup();
    const told: boolean[] = [];
    dedup.reserve(KID, 5, hash(5));
    expect(dedup.judge(KID, 5, hash(5))).toBe("duplicate");
    expect(dedup.judge(KID, 5, hash(6))).toBe("conflict");
    expect(dedup.judge(KID, 4, hash(4))).toBe("late");
    expect(dedup.judge(KID, 6, hash(6))).toBe("new");
    dedup.whenSettled(KID, 5, (durable) => told.push(durable));
    expect(told).toEqual([]);
    dedup.settle(KID, 5, true);
    dedup.whenSettled(KID, 5, (durable) => told.push(durable));
    expect(told).toEqual([true, true]);
  });

  test("what failed to become durable was never seen", () => {
    const dedup = new Dedup();
    const told: boolean[] = [];
    take(dedup, 1, 1);
    dedup.reserve(KID, 2_000, hash(2_000));
    dedup.whenSettled(KID, 2_000, (durable) => told.push(durable));
    expect(dedup.export(KID)).toEqual(exportOf((twin) => take(twin, 1, 1)));
    dedup.settle(KID, 2_000, false);
    expect(told).toEqual([false]);
    expect(dedup.judge(KID, 1, hash(1))).toBe("duplicate");
    expect(dedup.judge(KID, 2, hash(2))).toBe("new");
    expect(dedup.judge(KID, 2_000, hash(2_000))).toBe("new");
  });
});

function exportOf(fill: (dedup: Dedup) => void): Uint8Array {
  const dedup = new Dedup();
  fill(dedup);
  return dedup.export(KID);
}

test("replay is idempotent, and an export grows with what was seen only", () => {
  const dedup = new Dedup();
  const statement = u32be(9);
  const record = {
    arrivedAt: 0,
    late: false,
    kid: new Uint8Array(32),
    sequence: 2 ** 53 - 1,
    statement,
    body: null,
  };
  dedup.note(record);
  dedup.note(record);
  const kid = toHex(record.kid);
  expect(dedup.judge(kid, record.sequence, leafHash(statement))).toBe("duplicate");
  expect(dedup.export(kid).length).toBe(8 + 128 + 8);
});

test("a hash of zeros is remembered", () => {
  const dedup = new Dedup();
  const zeros = new Uint8Array(32);
  dedup.reserve(KID, 1, zeros);
  dedup.settle(KID, 1, true);
  expect(dedup.judge(KID, 1, zeros)).toBe("duplicate");
});
