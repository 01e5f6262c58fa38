// Proofs at their edges: sizes without a proof, and claims that are no claim. Everything else: test/reference, test/conformance.

import { describe, expect, it } from "vitest";
import { utf8 } from "./bytes.ts";
import { leafHash } from "./hash.ts";
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from "./proof.ts";

const hash = leafHash(utf8("a"));
const read = () => hash;

describe("proofs", () => {
  it("are made only for what exists", () => {
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0.5, 1],
      [0, 2 ** 53],
    ] as const) {
      expect(() => inclusionProof(index, size, read), `${index} of ${size}`).toThrow(
        expect.objectContaining({ code: "proof.range" }),
      );
    }
    for (const [size1, size2] of [
      [0, 1],
      [2, 1],
      [0, 0],
      [1.5, 2],
    ] as const) {
      expect(() => consistencyProof(size1, size2, read), `${size1} to ${size2}`).toThrow(
        expect.objectContaining({ code: "proof.range" }),
      );
    }
    expect(inclusionProof(0, 1, read)).toEqual([]);
    expect(consistencyProof(5, 5, read)).toEqual([]);
  });

  it("a tree of one leaf proves itself without a path", () => {
    expect(verifyInclusion({ index: 0, size: 1, leaf: hash, root: hash, proof: [] })).toBe(true);
    expect(verifyInclusion({ index: 0, size: 1, leaf: hash, root: hash, proof: [hash] })).toBe(
      false,
    );
    expect(verifyInclusion({ index: 0, size: 0, leaf: hash, root: hash, proof: [] })).toBe(false);
    expect(verifyInclusion({ index: 1, size: 1, leaf: hash, root: hash, proof: [] })).toBe(false);
    expect(verifyInclusion({ index: -1, size: 1, leaf: hash, root: hash, proof: [] })).toBe(false);
  });

  it("equal sizes need equal roots and no path; size 0 is never consistent", () => {
    const other = leafHash(utf8("b"));
    expect(verifyConsistency({ size1: 7, size2: 7, root1: hash, root2: hash, proof: [] })).toBe(
      true,
    );
    expect(verifyConsistency({ size1: 7, size2: 7, root1: hash, root2: other, proof: [] })).toBe(
      false,
    );
    expect(verifyConsistency({ size1: 7, size2: 7, root1: hash, root2: hash, proof: [hash] })).toBe(
      false,
    );
    expect(verifyConsistency({ size1: 0, size2: 7, root1: hash, root2: other, proof: [] })).toBe(
      false,
    );
    expect(verifyConsistency({ size1: 1, size2: 2, root1: hash, root2: hash, proof: [] })).toBe(
      false,
    );
  });

  it("hashes of another length are no hashes", () => {
    expect(
      verifyInclusion({ index: 0, size: 1, leaf: hash.slice(1), root: hash.slice(1), proof: [] }),
    ).toBe(false);
    expect(
      verifyConsistency({
        size1: 1,
        size2: 1,
        root1: hash.slice(1),
        root2: hash.slice(1),
        proof: [],
      }),
    ).toBe(false);
  });

  it("sizes beyond 2^53 are counted exactly", () => {
    const size = 2n ** 53n + 1n;
    const proof = [hash];
    // The last leaf of a tree of 2^53 + 1 stands alone beside the full left half.
    const left = hash;
    expect(verifyInclusion({ index: size - 1n, size, leaf: hash, root: left, proof })).toBe(false);
    expect(verifyInclusion({ index: size, size, leaf: hash, root: left, proof })).toBe(false);
  });
});
