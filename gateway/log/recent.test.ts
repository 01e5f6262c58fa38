// What the log keeps in memory of the journal: unbroken, bounded, and copied (D3).

import { leafHash, sha256, utf8 } from "@muniment/core";
import { describe, expect, it } from "vitest";
import type { Cursor, Placed } from "../journal/journal.ts";
import { Recent } from "./recent.ts";

const limits = { batchCountMax: 3, batchBytesMax: 1_000, batchAgeMsMax: 10_000 };
const start: Cursor = { segment: 1, offset: 100 };
const at = (n: number): Cursor => ({ segment: 1, offset: 100 + n });
const kid = sha256(utf8("a device key"));

function placed(n: number, statement: Uint8Array = utf8(`statement ${n}`)): Placed {
  const record = { arrivedAt: n, late: false, kid, sequence: n, statement, body: null };
  return { record, leaf: leafHash(statement), next: at(n) };
}

function filled(count: number): Recent {
  const recent = new Recent(start, limits);
  for (let n = 1; n <= count; n++) recent.add(placed(n));
  return recent;
}

const sequences = (records: readonly Placed[] | null): readonly number[] | null =>
  records?.map(({ record }) => record.sequence) ?? null;

describe("Recent", () => {
  it("knows what lies behind a cursor of its run, and nothing of any other", () => {
    const recent = filled(3);
    expect(sequences(recent.since(start))).toEqual([1, 2, 3]);
    expect(sequences(recent.since(at(2)))).toEqual([3]);
    expect(sequences(recent.since(at(3)))).toEqual([]);
    expect(recent.since({ segment: 1, offset: 99 })).toBeNull();
    // A cursor behind the end: the journal lost what the log has, and only the journal may say so.
    expect(recent.since(at(4))).toBeNull();
  });

  it("lets go of what is released", () => {
    const recent = filled(3);
    recent.release(at(2));
    expect(recent.since(at(1))).toBeNull();
    expect(sequences(recent.since(at(2)))).toEqual([3]);
  });

  it("begins anew at the newest record when there is no room", () => {
    const recent = filled(7);
    expect(recent.since(start)).toBeNull();
    expect(sequences(recent.since(at(6)))).toEqual([7]);
    for (let n = 8; n <= 9; n++) recent.add(placed(n, new Uint8Array(1_500)));
    expect(recent.since(at(7))).toBeNull();
    expect(sequences(recent.since(at(8)))).toEqual([9]);
  });

  it("keeps copies, not parts of what was read from a socket", () => {
    const recent = new Recent(start, limits);
    const chunk = new Uint8Array(65_536);
    recent.add(placed(1, chunk.subarray(0, 200)));
    const { statement } = recent.since(start)![0]!.record;
    expect(statement).toHaveLength(200);
    expect(statement.buffer.byteLength).toBeLessThan(chunk.length);
  });
});
