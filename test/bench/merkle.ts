// Merkle tree: leaves appended a second over raw SHA-256 of the same bytes.

import { CompactRange, leafHash, sha256 } from "@muniment/core";
import { type Figure, figure, median } from "./result.ts";

const LEAVES = 100_000;
const LEAF_BYTES = 200;
const ROUNDS = 5;

/** A tree of 100,000 leaves of 200 bytes; the baseline hashes each leaf once and nothing else. */
export function benchMerkle(): Figure[] {
  const leaves = Array.from({ length: LEAVES }, (_, n) => new Uint8Array(LEAF_BYTES).fill(n & 255));
  const rates: number[] = [];
  const baselines: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    baselines.push(LEAVES / seconds(() => leaves.forEach((leaf) => void sha256(leaf))));
    rates.push(
      LEAVES /
        seconds(() => {
          const tree = new CompactRange();
          for (const leaf of leaves) tree.append(leafHash(leaf));
          tree.root();
        }),
    );
  }
  return [
    figure(
      "merkle.leaves-over-sha256",
      median(rates),
      "leaves/s",
      median(baselines),
      "baseline: SHA-256 of the same 200-byte leaves by the same library; a tree needs two hashes a leaf",
    ),
  ];
}

function seconds(work: () => void): number {
  const begun = performance.now();
  work();
  return (performance.now() - begun) / 1000;
}
