// What a gateway was commissioned with: its place, and the one ledger it trusts, pinned (D14).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, parsePolicy } from "@muniment/core";
import { makeDirectory, writeDurably } from "@muniment/core/files";
import { z } from "zod";
import { GatewayError } from "./errors.ts";

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, "expected 1 to 64 of [a-z0-9-]");
const hash = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const schema = z.strictObject({
  gateway: id,
  building: id,
  /** Origin of the ledger. */
  origin: z.string().min(1),
  /** SHA-256 of the genesis document. */
  genesis: hash,
  /** Leaf hash of the genesis document: the root of the ledger's log at size 1. */
  genesisLeaf: hash,
  /** tlog-policy text. */
  policy: z.string().refine(isPolicy, "expected a tlog-policy"),
  /** Public keys of the archives, from the genesis document. */
  archives: z.array(hash).min(1),
  /** How many of them must say that they store a batch before it is final. */
  archivesNeeded: z.int().min(1),
  urls: z.array(z.url({ protocol: /^https?$/ })).min(1),
});

export type Commission = z.infer<typeof schema>;

const FILE = "commission.json";

/** The commission in a gateway's folder. Errors: `commission.missing`, `commission.invalid`. */
export async function loadCommission(directory: string): Promise<Commission> {
  const path = join(directory, FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new GatewayError("commission.missing", path, { cause });
  }
  return parseCommission(text, path);
}

function parseCommission(text: string, path: string): Commission {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const says = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new GatewayError("commission.invalid", `${path}: ${says}`, { cause });
  }
}

/** Writes the commission durably. */
export async function saveCommission(directory: string, commission: Commission): Promise<void> {
  await makeDirectory(directory);
  await writeDurably(
    join(directory, FILE),
    `${JSON.stringify(schema.parse(commission), null, 2)}\n`,
  );
}

/** The pinned archive keys. */
export function archiveKeys(commission: Commission): Uint8Array[] {
  return commission.archives.map(fromHex);
}

function isPolicy(text: string): boolean {
  try {
    parsePolicy(text);
    return true;
  } catch {
    return false;
  }
}
