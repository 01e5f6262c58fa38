// SHA-256 and the two domain-separated hashes of a Merkle tree (RFC 9162 2.1.1).

import { provider } from "#provider";
import { gather } from "./bytes.ts";
import { FormatError } from "./errors.ts";

declare const brand: unique symbol;
/** 32 bytes that are a SHA-256 hash. */
export type Hash32 = Uint8Array & { readonly [brand]: "Hash32" };

/** The bytes as a hash; any other length than 32 is `bytes.length`. */
export function asHash32(bytes: Uint8Array): Hash32 {
  if (bytes.length !== 32)
    throw new FormatError("bytes.length", `expected 32, found ${bytes.length}`);
  return bytes as Hash32;
}

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Hash32 {
  return provider.sha256(bytes) as Hash32;
}

const LEAF = Uint8Array.of(0);
const scratch = new Uint8Array(8_192);

/** Leaf hash: SHA-256(00 ‖ entry). */
export function leafHash(entry: Uint8Array): Hash32 {
  return sha256(gather(scratch, LEAF, entry));
}

const nodeInput = new Uint8Array(65);
nodeInput[0] = 1;

/** Interior node hash: SHA-256(01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash32 {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
}

/** Root of the tree with no leaves: SHA-256 of nothing. */
export function emptyRoot(): Hash32 {
  return sha256(new Uint8Array(0));
}
