// `muniment keys`: key files as openssl makes them, and what others need to know of a key.
import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { formatVkey, fromBase64Url, keyThumbprint, toHex } from "@muniment/core";
import { createKeyFile } from "@muniment/core/files";
import type { Command } from "commander";

/** Adds `keys create` and `keys show`. */
export function registerKeys(program: Command): void {
  const keys = program
    .command("keys")
    .description("Ed25519 key files (PEM, as openssl makes them)");
  keys
    .command("create")
    .description(
      "make a private key file, readable by its owner only; an existing file is never replaced",
    )
    .argument("<file>", "PEM file to write")
    .option("--name <text>", "also print the verifier key of a log or witness of that name")
    .option("--json", "as one JSON line")
    .action(async (file: string, options: ShowOptions) => {
      show((await createKeyFile(file)).publicKey, options);
    });
  keys
    .command("show")
    .description("print key id, public key and, with --name, verifier key")
    .argument("<file>", "private or public key in PEM")
    .option("--name <text>", "also print the verifier key of a log or witness of that name")
    .option("--json", "as one JSON line")
    .action(async (file: string, options: ShowOptions) => {
      show(await readPublicKey(file), options);
    });
}

interface ShowOptions {
  readonly name?: string;
  readonly json?: true;
}

/** The public key of a private or public PEM file. Throws an Error that names the file when it is not Ed25519. */
export async function readPublicKey(path: string): Promise<Uint8Array> {
  const key = createPublicKey(await readFile(path));
  if (key.asymmetricKeyType !== "ed25519") {
    throw new Error(`${path}: expected an Ed25519 key, got ${key.asymmetricKeyType}`);
  }
  return fromBase64Url(key.export({ format: "jwk" }).x ?? "");
}

function show(publicKey: Uint8Array, { name, json }: ShowOptions): void {
  const facts = {
    kid: toHex(keyThumbprint(publicKey)),
    publicKey: toHex(publicKey),
    ...(name === undefined
      ? {}
      : {
          vkey: formatVkey({ name, type: 1, publicKey }),
          cosignerVkey: formatVkey({ name, type: 4, publicKey }),
        }),
  };
  if (json) {
    console.log(JSON.stringify(facts));
    return;
  }
  console.log(`key id         ${facts.kid}`);
  console.log(`public key     ${facts.publicKey}`);
  if (facts.vkey !== undefined) {
    console.log(`vkey           ${facts.vkey}`);
    console.log(`cosigner vkey  ${facts.cosignerVkey}`);
  }
}
