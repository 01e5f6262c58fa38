// What the log keeps in memory of the journal: unbroken, bounded, and copied (D3).

import { fromUtf8, leafHash, sha256, utf8 } from "@muniment/core";
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

const sequences = (records: Iterable<Placed> | null): readonly number[] | null =>
  records === null ? null : Array.from(records, ({ record }) => record.sequence);

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

  it("keeps copies, byte for byte, not parts of what was read from a socket", () => {
    const recent = new Recent(start, limits);
    const chunk = new Uint8Array(65_536).fill(7);
    const body = utf8("a body");
    const { record, leaf } = placed(1, chunk.subarray(0, 200));
    recent.add({ record: { ...record, late: true, body }, leaf, next: at(1) });
    recent.add(placed(2));
    chunk.fill(0);
    const [first, second, ...more] = recent.since(start)!;
    expect(more).toEqual([]);
    expect(new Uint8Array(first!.record.statement)).toEqual(new Uint8Array(200).fill(7));
    expect(fromUtf8(first!.record.body!)).toBe("a body");
    expect(first!.record).toMatchObject({ arrivedAt: 1, late: true, sequence: 1 });
    expect([new Uint8Array(first!.record.kid), new Uint8Array(first!.leaf)]).toEqual([kid, leaf]);
    expect([first!.next, second!.next]).toEqual([at(1), at(2)]);
  });

  it("holds records of every length over many blocks", () => {
    const recent = new Recent(start, { ...limits, batchCountMax: 500, batchBytesMax: 10_000_000 });
    const lengths = Array.from({ length: 300 }, (_, n) => (n % 7 === 0 ? 9_000 : 10 * n));
    lengths[150] = 300_000;
    for (const [n, length] of lengths.entries()) recent.add(placed(n + 1, new Uint8Array(length)));
    const found = Array.from(recent.since(at(100))!, ({ record }) => record.statement.length);
    expect(found).toEqual(lengths.slice(100));
    recent.release(at(290));
    expect(sequences(recent.since(at(290)))).toHaveLength(10);
  });
});
