// SHA-256 and Ed25519 in a browser, by the audited noble packages (D7).

import { etc, getPublicKey, hashes, Point, sign } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import type { Provider } from "./provider.ts";

hashes.sha512 = sha512;

/** noble. Its own verify() is cofactored, which is not D7's equation, so R' = [S]B - [k]A is computed
 * here from noble's points and compared with R byte for byte (RFC 8032 5.1.7 without the cofactor). */
export function nobleProvider(): Provider {
  return {
    name: "noble",
    sha256: (bytes) => sha256(bytes),
    publicKey: (seed) => getPublicKey(seed),
    sign: (seed, message) => sign(message, seed),
    verifyEquation(publicKey, message, signature) {
      try {
        const a = Point.fromBytes(publicKey);
        const r = signature.subarray(0, 32);
        const s = littleEndian(signature.subarray(32));
        const digest = sha512(etc.concatBytes(r, publicKey, message));
        const k = etc.mod(littleEndian(digest), Point.CURVE().n);
        const expected = Point.BASE.multiply(s, false).subtract(a.multiply(k, false)).toBytes();
        return expected.every((byte, i) => byte === r[i]);
      } catch {
        return false; // not a point on the curve
      }
    },
  };
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

export const provider: Provider = nobleProvider();
