// The growing tree: its edges. Roots against the RFC's recursion: test/reference.

import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "./bytes.ts";
import { asHash32, leafHash } from "./hash.ts";
import { CompactRange } from "./merkle.ts";

describe("CompactRange", () => {
  it("of nothing has the hash of nothing as its root, and one leaf is its own root", () => {
    const range = new CompactRange();
    expect(toHex(range.root())).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    range.append(leafHash(new Uint8Array(0)));
    expect(toHex(range.root())).toBe(
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
  });

  it("reports each complete node once, children before their parent", () => {
    const seen: string[] = [];
    const range = new CompactRange();
    for (let i = 0; i < 5; i++)
      range.append(leafHash(utf8(`${i}`)), (level, index) => seen.push(`${level}/${index}`));
    expect(seen).toEqual(["0/0", "0/1", "1/0", "0/2", "0/3", "1/1", "2/0", "0/4"]);
    expect(range.hashes()).toHaveLength(2);
  });

  it("is restored only from as many hashes as its size has bits", () => {
    const hash = leafHash(utf8("a"));
    expect(CompactRange.from(0, []).size).toBe(0);
    expect(CompactRange.from(2 ** 40 + 1, [hash, hash]).size).toBe(2 ** 40 + 1);
    for (const [size, hashes] of [
      [3, [hash]],
      [1, []],
      [0, [hash]],
      [-1, []],
      [1.5, [hash]],
      [2 ** 53, [hash]],
    ] as const) {
      expect(() => CompactRange.from(size, hashes), String(size)).toThrow(
        expect.objectContaining({ code: "proof.range" }),
      );
    }
    expect(() => CompactRange.from(1, [new Uint8Array(31)])).toThrow(
      expect.objectContaining({ code: "bytes.length" }),
    );
    expect(() => asHash32(new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: "bytes.length" }),
    );
  });

  it("hands out its edge as a copy", () => {
    const range = new CompactRange();
    range.append(leafHash(utf8("a")));
    const root = range.root();
    range.hashes().pop();
    expect(range.root()).toEqual(root);
  });
});
