// Ed25519 by one rule (D7): the edge cases on which libraries differ are refused before one is asked.

import { provider } from "#provider";
import { fromHex } from "./bytes.ts";
import type { Provider } from "./provider/provider.ts";

/** Something that signs; the key may live in a file, a token or a test. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** The y coordinates of the points of small order, canonical or not; either sign bit may go with each. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(fromHex);

/** p = 2^255 - 19 and L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
const P = fromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
const L = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

function isSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDER_Y.some((y) => {
    for (let i = 0; i < 31; i++) if (point[i] !== y[i]) return false;
    return (point[31]! & 0x7f) === y[31];
  });
}

/** a < b for 32-byte little-endian numbers, the top bit of a masked off by `mask`. */
function lessThan(a: Uint8Array, b: Uint8Array, mask: number): boolean {
  for (let i = 31; i >= 0; i--) {
    const digit = i === 31 ? a[i]! & mask : a[i]!;
    if (digit !== b[i]) return digit < b[i]!;
  }
  return false;
}

/** Why a public key can never be enrolled, or null: 32 bytes, canonical y, not of small order. */
export function publicKeyProblem(publicKey: Uint8Array): string | null {
  if (publicKey.length !== 32) return `expected 32 bytes, found ${publicKey.length}`;
  if (!lessThan(publicKey, P, 0x7f)) return "the encoding is not canonical (y is not below p)";
  if (isSmallOrder(publicKey)) return "the point is of small order";
  return null;
}

/** D7 over a chosen library: signature of 64 bytes, S < L, A canonical, neither A nor R of small order, then
 * the cofactorless equation. On these terms OpenSSL, libsodium and noble agree on every known edge case. */
export function verifyWith(
  library: Provider,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64 || publicKeyProblem(publicKey) !== null) return false;
  if (isSmallOrder(signature.subarray(0, 32)) || !lessThan(signature.subarray(32), L, 0xff))
    return false;
  return library.verifyEquation(publicKey, message, signature);
}

/** Whether the signature is that of the key over the message (RFC 8032 5.1.7, as narrowed by D7). */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyWith(provider, publicKey, message, signature);
}

/** A signer from a 32-byte private key (RFC 8032 5.1.5). */
export function signerFromSeed(seed: Uint8Array): Signer {
  const secret = seed.slice();
  return {
    publicKey: provider.publicKey(secret),
    sign: (message) => provider.sign(secret, message),
  };
}
