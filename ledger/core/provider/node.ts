// SHA-256 and Ed25519 on a server: sodium-native where it loads, node:crypto otherwise (D7).

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  hash as nodeHash,
  sign as nodeSign,
  verify as nodeVerify,
} from "node:crypto";
import { createRequire } from "node:module";
import type { Provider } from "./provider.ts";

interface Sodium {
  crypto_hash_sha256(out: Uint8Array, message: Uint8Array): void;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(out: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
}

/** libsodium, about twice as quick as OpenSSL 3.0 at verifying; null where no prebuilt addon loads. */
export function sodiumProvider(): Provider | null {
  let sodium: Sodium;
  try {
    sodium = createRequire(import.meta.url)("sodium-native") as Sodium;
  } catch {
    return null;
  }
  const secrets = new WeakMap<
    Uint8Array,
    { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }
  >();
  const pairOf = (seed: Uint8Array) => {
    let pair = secrets.get(seed);
    if (pair === undefined) {
      pair = { publicKey: new Uint8Array(32), secretKey: new Uint8Array(64) };
      sodium.crypto_sign_seed_keypair(pair.publicKey, pair.secretKey, seed);
      secrets.set(seed, pair);
    }
    return pair;
  };
  return {
    name: "sodium-native",
    sha256(bytes) {
      const out = new Uint8Array(32);
      sodium.crypto_hash_sha256(out, bytes);
      return out;
    },
    publicKey: (seed) => pairOf(seed).publicKey.slice(),
    sign(seed, message) {
      const signature = new Uint8Array(64);
      sodium.crypto_sign_detached(signature, message, pairOf(seed).secretKey);
      return signature;
    },
    verifyEquation: (publicKey, message, signature) =>
      sodium.crypto_sign_verify_detached(signature, message, publicKey),
  };
}

// RFC 8410: the fixed DER heads of an Ed25519 SubjectPublicKeyInfo and PrivateKeyInfo.
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const KEYS_CACHED_MAX = 65_536;

/** OpenSSL through node:crypto. Importing a key costs as much as a verification, so keys are kept. */
export function nodeProvider(): Provider {
  const publicKeys = new Map<string, KeyObject>();
  const importPublic = (raw: Uint8Array): KeyObject => {
    const id = Buffer.from(raw).toString("latin1");
    let key = publicKeys.get(id);
    if (key === undefined) {
      if (publicKeys.size >= KEYS_CACHED_MAX) publicKeys.clear();
      key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: "der", type: "spki" });
      publicKeys.set(id, key);
    }
    return key;
  };
  const importPrivate = (seed: Uint8Array): KeyObject =>
    createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
  const privateKeys = new WeakMap<Uint8Array, KeyObject>();
  return {
    name: "node:crypto",
    sha256: (bytes) => nodeHash("sha256", bytes, "buffer"),
    publicKey: (seed) =>
      new Uint8Array(
        createPublicKey(importPrivate(seed)).export({ format: "der", type: "spki" }).subarray(12),
      ),
    sign(seed, message) {
      let key = privateKeys.get(seed);
      if (key === undefined) {
        key = importPrivate(seed);
        privateKeys.set(seed, key);
      }
      return new Uint8Array(nodeSign(null, message, key));
    },
    verifyEquation(publicKey, message, signature) {
      try {
        return nodeVerify(null, message, importPublic(publicKey), signature);
      } catch {
        return false; // OpenSSL refuses to import some encodings that no rule accepts
      }
    },
  };
}

export const provider: Provider = sodiumProvider() ?? nodeProvider();
