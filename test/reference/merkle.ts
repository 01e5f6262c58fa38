// The Merkle tree as RFC 9162 2.1 writes it: recursion over the whole list of entries, slow and plain. The oracle
// for ledger/core's tree, so it takes nothing from there.

import { createHash } from "node:crypto";

type Hash = Uint8Array;

function hash(...parts: readonly Uint8Array[]): Hash {
  const sha = createHash("sha256");
  for (const part of parts) sha.update(part);
  return new Uint8Array(sha.digest());
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The largest power of two smaller than n, for n > 1. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** MTH(D[n]), RFC 9162 2.1.1. */
export function treeHash(entries: readonly Uint8Array[]): Hash {
  const n = entries.length;
  if (n === 0) return hash();
  if (n === 1) return hash(LEAF, entries[0]!);
  const k = split(n);
  return hash(NODE, treeHash(entries.slice(0, k)), treeHash(entries.slice(k)));
}

/** PATH(m, D[n]), RFC 9162 2.1.3.1. */
export function path(m: number, entries: readonly Uint8Array[]): Hash[] {
  const n = entries.length;
  if (n === 1) return [];
  const k = split(n);
  return m < k
    ? [...path(m, entries.slice(0, k)), treeHash(entries.slice(k))]
    : [...path(m - k, entries.slice(k)), treeHash(entries.slice(0, k))];
}

/** PROOF(m, D[n]), RFC 9162 2.1.4.1. */
export function proof(m: number, entries: readonly Uint8Array[]): Hash[] {
  return subproof(m, entries, true);
}

function subproof(m: number, entries: readonly Uint8Array[], whole: boolean): Hash[] {
  const n = entries.length;
  if (m === n) return whole ? [] : [treeHash(entries)];
  const k = split(n);
  return m <= k
    ? [...subproof(m, entries.slice(0, k), whole), treeHash(entries.slice(k))]
    : [...subproof(m - k, entries.slice(k), false), treeHash(entries.slice(0, k))];
}
