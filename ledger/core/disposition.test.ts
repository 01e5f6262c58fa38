// Dispositions: which entries they take, in one spelling, and what is no disposition.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CborMap, decode, encode } from "./cbor.ts";
import {
  bodiesHash,
  type Disposition,
  dispositionBody,
  readDisposition,
  retentionDays,
  runsOf,
  stretchesOf,
  takes,
} from "./disposition.ts";
import { sha256 } from "./hash.ts";

const good: Disposition = {
  building: "b1",
  day: "2026-01-02",
  gateway: "gw-1",
  entries: [0, 1, 4, 2],
  count: 3,
  bodies: sha256(new Uint8Array(1)),
  persons: 2,
  from: 0,
  citation: "GRS 5.6",
};
const asBody = (facts: object) => decode(encode({ ...facts })) as CborMap;

test("what is written is read back, with and without a number of persons", () => {
  for (const disposition of [good, { ...good, persons: null }, { ...good, persons: 0 }])
    expect(readDisposition(asBody(dispositionBody(disposition) as object))).toEqual(disposition);
});

describe("refuses", () => {
  const cases: readonly [string, object][] = [
    ["no entries", { entries: [], count: 0 }],
    ["half a pair", { entries: [1] }],
    ["a stretch of nothing", { entries: [0, 0], count: 0 }],
    ["two stretches that touch", { entries: [0, 1, 0, 2] }],
    ["a fraction", { entries: [0.5, 3] }],
    ["more than any log", { entries: [Number.MAX_SAFE_INTEGER, 3] }],
    ["another count", { count: 4 }],
    ["a short hash", { bodies: new Uint8Array(31) }],
    ["persons below none", { persons: -1 }],
    ["no source", { citation: "" }],
    ["a time that is none", { from: -1 }],
    ["a field too many", { more: 1 }],
  ];
  test.each(cases)("%s", (_what, changes) => {
    expect(() => readDisposition(asBody({ ...good, ...changes }))).toThrow(
      expect.objectContaining({ code: "disposition.structure" }),
    );
  });

  test("a field too few", () => {
    for (const name of Object.keys(good).filter((field) => field !== "persons")) {
      const body = asBody(good);
      (body as Map<string, unknown>).delete(name);
      expect(() => readDisposition(body), name).toThrow(
        expect.objectContaining({ code: "disposition.structure" }),
      );
    }
  });
});

test("stretches take exactly the indices they were made of", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 }), (chosen) => {
      const indices = [...chosen].sort((a, b) => a - b);
      const runs = runsOf(indices);
      expect(readDisposition(asBody({ ...good, entries: runs, count: indices.length }))).toEqual({
        ...good,
        entries: runs,
        count: indices.length,
      });
      const taken = [...stretchesOf(runs)].flatMap(({ from, to }) =>
        Array.from({ length: to - from }, (_, i) => from + i),
      );
      expect(taken).toEqual(indices);
      for (let index = 0; index <= 61; index++)
        expect(takes(runs, index)).toBe(chosen.includes(index));
    }),
    { seed: 11 },
  );
});

test("the hash of bodies does not depend on their order", () => {
  const hashes = [3, 1, 2].map((n) => sha256(Uint8Array.of(n)));
  expect(bodiesHash(hashes)).toEqual(bodiesHash([...hashes].reverse()));
  expect(bodiesHash(hashes)).not.toEqual(bodiesHash(hashes.slice(1)));
});

test("retention is a whole number of days, a century at most", () => {
  const value = (days: unknown) => decode(encode({ days } as { days: number }));
  expect(retentionDays(value(180))).toBe(180);
  for (const days of [0, -1, 1.5, 36_526, "30", null])
    expect(retentionDays(value(days))).toBeNull();
  expect(retentionDays(180)).toBeNull();
  expect(retentionDays(decode(encode({ days: 1, hours: 1 })))).toBeNull();
});
