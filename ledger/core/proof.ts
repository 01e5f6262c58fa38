// Inclusion and consistency proofs, made and verified (RFC 9162 2.1.3 and 2.1.4).

import { equal } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { type Hash32, nodeHash } from "./hash.ts";

/** Reads a complete node: the root of leaves [index·2^level, (index+1)·2^level). */
export type NodeReader = (level: number, index: number) => Hash32;

/** Proof that the leaf at `index` is in the tree of `size` leaves, leaf's sibling first (RFC 9162 2.1.3.1). */
export function inclusionProof(index: number, size: number, read: NodeReader): Hash32[] {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) {
    throw new FormatError("proof.range", `index ${index} in size ${size}`);
  }
  const proof: Hash32[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = start + largestPowerBelow(end - start);
    if (index < split) {
      proof.push(subtreeRoot(split, end, read));
      end = split;
    } else {
      proof.push(subtreeRoot(start, split, read));
      start = split;
    }
  }
  return proof.reverse();
}

/** Proof that the tree of `size2` extends the tree of `size1` (RFC 9162 2.1.4.1); size1 ≥ 1. */
export function consistencyProof(size1: number, size2: number, read: NodeReader): Hash32[] {
  if (
    !(Number.isSafeInteger(size1) && Number.isSafeInteger(size2) && size1 >= 1 && size1 <= size2)
  ) {
    throw new FormatError("proof.range", `sizes ${size1} and ${size2}`);
  }
  const proof: Hash32[] = [];
  let start = 0;
  let end = size2;
  let whole = true; // the old tree's part is itself a node that the verifier knows: its root
  while (end > size1) {
    const split = start + largestPowerBelow(end - start);
    if (size1 <= split) {
      proof.push(subtreeRoot(split, end, read));
      end = split;
    } else {
      proof.push(subtreeRoot(start, split, read));
      start = split;
      whole = false;
    }
  }
  if (!whole) proof.push(subtreeRoot(start, end, read));
  return proof.reverse();
}

function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** Root of leaves [start, end), where start is a multiple of a power of two not below its length. */
function subtreeRoot(start: number, end: number, read: NodeReader): Hash32 {
  const parts: Hash32[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (at + width * 2 <= end && at % (width * 2) === 0) {
      width *= 2;
      level += 1;
    }
    parts.push(read(level, at / width));
    at += width;
  }
  let root = parts[parts.length - 1]!;
  for (let i = parts.length - 2; i >= 0; i--) root = nodeHash(parts[i]!, root);
  return root;
}

/** An inclusion claim. Sizes may be bigint: a log may be larger than 2^53. */
export interface InclusionClaim {
  readonly index: number | bigint;
  readonly size: number | bigint;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows the leaf hash at that index under that root (RFC 9162 2.1.3.2). */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const index = BigInt(claim.index);
  const size = BigInt(claim.size);
  if (index < 0n || index >= size || !allHashes([claim.leaf, claim.root, ...claim.proof]))
    return false;
  let fn = index;
  let sn = size - 1n;
  let r = claim.leaf;
  for (const p of claim.proof) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(p, r);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = nodeHash(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equal(r, claim.root);
}

/** A consistency claim between two sizes of one log. */
export interface ConsistencyClaim {
  readonly size1: number | bigint;
  readonly size2: number | bigint;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the second tree extends the first (RFC 9162 2.1.4.2). Size 0 is outside the RFC: the empty tree
 * proves nothing, so it is refused; two equal sizes need equal roots and no proof. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const size1 = BigInt(claim.size1);
  const size2 = BigInt(claim.size2);
  if (size1 < 1n || size1 > size2 || !allHashes([claim.root1, claim.root2, ...claim.proof]))
    return false;
  if (size1 === size2) return claim.proof.length === 0 && equal(claim.root1, claim.root2);
  const path = (size1 & (size1 - 1n)) === 0n ? [claim.root1, ...claim.proof] : claim.proof;
  const first = path[0];
  if (first === undefined || claim.proof.length === 0) return false;
  let fn = size1 - 1n;
  let sn = size2 - 1n;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let fr: Uint8Array = first;
  let sr: Uint8Array = first;
  for (const c of path.slice(1)) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equal(fr, claim.root1) && equal(sr, claim.root2);
}

function allHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === 32);
}
