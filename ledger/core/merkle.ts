// A Merkle tree that only grows, kept as its right edge (RFC 9162 2.1; "compact range").

import { FormatError } from "./errors.ts";
import { asHash32, emptyRoot, type Hash32, nodeHash } from "./hash.ts";

/** Called for every node that becomes complete: level 0 is the leaves, index counts within the level. */
export type NodeListener = (level: number, index: number, hash: Hash32) => void;

/** The complete subtrees that make up a tree, largest first. Appending costs O(1) hashes on average. */
export class CompactRange {
  #size = 0;
  /** One hash per set bit of #size, most significant first. */
  #hashes: Hash32[] = [];

  /** Restores a tree from its size and right edge, as `hashes()` gave them; else `proof.range`. */
  static from(size: number, hashes: readonly Uint8Array[]): CompactRange {
    if (!Number.isSafeInteger(size) || size < 0 || hashes.length !== bitCount(size)) {
      throw new FormatError("proof.range", `${hashes.length} hashes for size ${size}`);
    }
    const range = new CompactRange();
    range.#size = size;
    range.#hashes = hashes.map(asHash32);
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** The right edge, largest subtree first. */
  hashes(): Hash32[] {
    return this.#hashes.slice();
  }

  /** Adds one leaf and reports each node it completes, leaf first. */
  append(leaf: Hash32, onNode?: NodeListener): void {
    let hash = leaf;
    let index = this.#size;
    onNode?.(0, index, hash);
    for (let level = 0; index % 2 === 1; level++) {
      hash = nodeHash(this.#hashes.pop()!, hash);
      index = (index - 1) / 2;
      onNode?.(level + 1, index, hash);
    }
    this.#hashes.push(hash);
    this.#size += 1;
  }

  /** Root hash of the tree as it stands. */
  root(): Hash32 {
    const edge = this.#hashes;
    if (edge.length === 0) return emptyRoot();
    let root = edge[edge.length - 1]!;
    for (let i = edge.length - 2; i >= 0; i--) root = nodeHash(edge[i]!, root);
    return root;
  }
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
