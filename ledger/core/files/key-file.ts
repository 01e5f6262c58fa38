// Ed25519 keys in PKCS#8 PEM files (RFC 8410), as `openssl genpkey -algorithm ed25519` writes them.

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fromBase64Url } from "../bytes.ts";
import { type Signer, signerFromSeed } from "../signature.ts";
import { makeDirectory, writeDurably } from "./durable.ts";

/** The key of a PEM file as a signer; throws an Error that names the file when it is not Ed25519. */
export async function loadSigner(path: string): Promise<Signer> {
  const key = createPrivateKey(await readFile(path));
  if (key.asymmetricKeyType !== "ed25519")
    throw new Error(`${path}: expected an Ed25519 key, found ${key.asymmetricKeyType}`);
  return signerFromSeed(fromBase64Url(key.export({ format: "jwk" }).d ?? ""));
}

/** Makes a new key and writes it durably, readable by its owner only; an existing file is never replaced. */
export async function createKeyFile(path: string): Promise<Signer> {
  if (existsSync(path)) throw new Error(`${path} exists; a key is never overwritten`);
  await makeDirectory(dirname(path));
  const { privateKey } = generateKeyPairSync("ed25519");
  await writeDurably(path, privateKey.export({ format: "pem", type: "pkcs8" }), 0o600);
  return loadSigner(path);
}

/** The key of a file, made on first use. */
export async function loadOrCreateKey(path: string): Promise<Signer> {
  return existsSync(path) ? loadSigner(path) : createKeyFile(path);
}
