// ledger/core's tree and proofs against the recursion of RFC 9162, on random trees.

import {
  CompactRange,
  concat,
  consistencyProof,
  equal,
  type Hash32,
  inclusionProof,
  leafHash,
  leafTile,
  nodeHash,
  proveConsistency,
  proveInclusion,
  rootFromTiles,
  tilePath,
  tilesForGrowth,
  verifyConsistency,
  verifyInclusion,
} from "@muniment/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { path, proof, treeHash } from "./merkle.ts";

const SEED = Number(process.env.MUNIMENT_SEED ?? 20_261_122);
const timeout = 600_000;
const options = { seed: SEED, numRuns: process.env.MUNIMENT_LONG === "1" ? 2_000 : 150 };
console.log(`reference tests run with seed ${SEED}`);

const entriesOf = (count: number, salt = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Uint8Array.of(salt, i & 255, i >> 8));
const entries = fc.integer({ min: 1, max: 600 }).map((count) => entriesOf(count));
const twoSizes = fc
  .integer({ min: 1, max: 300 })
  .chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n)));

/** A tree grown leaf by leaf, and every complete node it reported. */
function grow(list: readonly Uint8Array[]): {
  range: CompactRange;
  read: (level: number, index: number) => Hash32;
} {
  const nodes = new Map<string, Hash32>();
  const range = new CompactRange();
  for (const entry of list)
    range.append(leafHash(entry), (level, index, hash) => nodes.set(`${level}/${index}`, hash));
  return { range, read: (level, index) => nodes.get(`${level}/${index}`)! };
}

describe("tree and proofs are those of RFC 9162", { timeout }, () => {
  it("root, and the same root from a restored right edge", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, at) => {
        const { range } = grow(list);
        expect(range.root()).toEqual(treeHash(list));
        const cut = at % list.length;
        const restored = CompactRange.from(cut, grow(list.slice(0, cut)).range.hashes());
        for (const entry of list.slice(cut)) restored.append(leafHash(entry));
        expect(restored.root()).toEqual(treeHash(list));
      }),
      options,
    );
    expect(new CompactRange().root()).toEqual(treeHash([]));
  });

  it("inclusion paths, made and verified", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, at) => {
        const index = at % list.length;
        const made = inclusionProof(index, list.length, grow(list).read);
        expect(made).toEqual(path(index, list));
        expect(
          verifyInclusion({
            index,
            size: list.length,
            leaf: leafHash(list[index]!),
            root: treeHash(list),
            proof: made,
          }),
        ).toBe(true);
      }),
      options,
    );
  });

  it("consistency proofs, made and verified", () => {
    fc.assert(
      fc.property(twoSizes, ([size1, size2]) => {
        const list = entriesOf(size2);
        const made = consistencyProof(size1, size2, grow(list).read);
        expect(made).toEqual(proof(size1, list));
        expect(
          verifyConsistency({
            size1,
            size2,
            root1: treeHash(list.slice(0, size1)),
            root2: treeHash(list),
            proof: made,
          }),
        ).toBe(true);
      }),
      options,
    );
  });

  it("and no claim about another index, size, leaf, root or path verifies", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        (n, at, which, bit) => {
          const list = entriesOf(n);
          const index = at % n;
          const honest = {
            index,
            size: n,
            leaf: leafHash(list[index]!),
            root: treeHash(list),
            proof: path(index, list),
          };
          const flip = (bytes: Uint8Array): Uint8Array =>
            bytes.map((byte, i) => (i === (bit >> 3) % 32 ? byte ^ (1 << (bit & 7)) : byte));
          const lies = [
            { ...honest, index: (index + 1 + (which % (n - 1))) % n },
            { ...honest, leaf: flip(honest.leaf) },
            { ...honest, root: flip(honest.root) },
            {
              ...honest,
              proof: honest.proof.map((hash, i) =>
                i === which % honest.proof.length ? flip(hash) : hash,
              ),
            },
            { ...honest, proof: honest.proof.slice(1) },
            { ...honest, proof: [...honest.proof, honest.root] },
            { ...honest, proof: [honest.root, ...honest.proof] },
          ];
          for (const lie of lies) expect(verifyInclusion(lie)).toBe(false);
        },
      ),
      options,
    );
    fc.assert(
      fc.property(
        twoSizes.filter(([a, b]) => a < b),
        fc.nat(),
        ([size1, size2], which) => {
          const list = entriesOf(size2);
          const honest = {
            size1,
            size2,
            root1: treeHash(list.slice(0, size1)),
            root2: treeHash(list),
            proof: proof(size1, list),
          };
          const forked = entriesOf(size1, 1);
          const i = which % honest.proof.length;
          const lies = [
            { ...honest, root1: treeHash(forked) },
            { ...honest, root2: treeHash([...forked, ...list.slice(size1)]) },
            { ...honest, proof: honest.proof.filter((_, k) => k !== i) },
            { ...honest, proof: honest.proof.map((hash, k) => (k === i ? leafHash(hash) : hash)) },
            { ...honest, proof: [...honest.proof, honest.root1] },
          ];
          for (const lie of lies) expect(verifyConsistency(lie)).toBe(false);
          // Another size1 can name the same subtrees only if both roots still come out; the old root then differs.
          expect(verifyConsistency({ ...honest, size1: size2, size2: size1 })).toBe(false);
        },
      ),
      options,
    );
  });
});

describe("a log read from its tiles gives the same proofs", { timeout }, () => {
  it("for every growth, with the tiles that each growth wrote", async () => {
    const run = async (sizes: readonly number[]): Promise<void> => {
      const files = new Map<string, Uint8Array>();
      const list = entriesOf(sizes.at(-1)!);
      let old = 0;
      for (const size of sizes) {
        for (const { level, index, width } of tilesForGrowth(old, size))
          files.set(tilePath(level, index, width), tile(list, level, index, width));
        old = size;
        const read = async (name: string): Promise<Uint8Array | null> => files.get(name) ?? null;
        const now = list.slice(0, size);
        expect(await rootFromTiles(size, read)).toEqual(treeHash(now));
        for (const index of [0, Math.floor(size / 2), size - 1])
          expect(await proveInclusion(index, size, read)).toEqual(path(index, now));
        for (const size1 of [1, Math.ceil(size / 3), size])
          expect(await proveConsistency(size1, size, read)).toEqual(proof(size1, now));
      }
    };
    await run([1, 2, 3, 255, 256, 257, 511, 512, 700]);
    const growth = fc
      .uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 })
      .map((sizes) => sizes.sort((a, b) => a - b));
    await fc.assert(fc.asyncProperty(growth, run), { ...options, numRuns: options.numRuns / 10 });
  });

  it("at the height where a second level of tiles is full", async () => {
    const size = 65_536 + 300;
    const { range, read } = grow(entriesOf(size));
    const files = new Map<string, Uint8Array>();
    for (const { level, index, width } of tilesForGrowth(0, size)) {
      files.set(
        tilePath(level, index, width),
        concat(...Array.from({ length: width }, (_, i) => read(8 * level, index * 256 + i))),
      );
    }
    const readTile = async (name: string): Promise<Uint8Array | null> => files.get(name) ?? null;
    expect([...files.keys()].filter((name) => !name.startsWith("tile/0/"))).toEqual([
      "tile/1/000",
      "tile/1/001.p/1",
      "tile/2/000.p/1",
    ]);
    expect(equal(await rootFromTiles(size, readTile), range.root())).toBe(true);
    const proofMade = await proveInclusion(65_535, size, readTile);
    expect(
      verifyInclusion({
        index: 65_535,
        size,
        leaf: leafHash(entriesOf(size)[65_535]!),
        root: range.root(),
        proof: proofMade,
      }),
    ).toBe(true);
  });
});

/** One hash tile computed from the entries alone: hash i of tile (level, index) is the root of 256^level leaves. */
function tile(
  list: readonly Uint8Array[],
  level: number,
  index: number,
  width: number,
): Uint8Array {
  if (level === 0) return leafTile(list.slice(index * 256, index * 256 + width));
  const span = 256 ** level;
  return concat(
    ...Array.from({ length: width }, (_, i) =>
      treeHash(list.slice((index * 256 + i) * span, (index * 256 + i + 1) * span)),
    ),
  );
}

it("an interior node is never a leaf", () => {
  const a = leafHash(Uint8Array.of(1));
  const b = leafHash(Uint8Array.of(2));
  expect(equal(nodeHash(a, b), leafHash(concat(a, b)))).toBe(false);
});
