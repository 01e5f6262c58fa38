// A node's identity on disk: its keys and the genesis document, made once, at the first start, and only read from then on (D14).

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { equal, type Signer } from "@muniment/core";
import { loadOrCreateKey, loadSigner, makeDirectory, writeDurably } from "@muniment/core/files";
import { LedgerError } from "./errors.ts";
import { createGenesis, type Genesis, genesisPolicy, loadGenesis } from "./genesis.ts";

/** One key, one purpose. */
interface NodeKeys {
  /** Signs ledger checkpoints as the log. */
  readonly log: Signer;
  /** Cosigns them as a validator. */
  readonly cosigner: Signer;
  /** Cosigns gateway checkpoints whose entries are stored here. */
  readonly archive: Signer;
  /** Signs what the archive destroyed on its retention clock; the ledger takes nothing else from it. */
  readonly archivist: Signer;
}

export interface Identity {
  readonly genesis: Uint8Array;
  readonly document: Genesis;
  /** This node's name among the validators. */
  readonly validator: string;
  readonly keys: NodeKeys;
}

const VALIDATOR = "v1";

/**
 * Reads the identity in `data`; where there is no genesis document yet, founds a ledger of one validator and one
 * operator. Errors: `genesis.structure`, `genesis.key`.
 */
export async function loadOrFound(data: string, origin: string, now: number): Promise<Identity> {
  const directory = join(data, "ledger");
  const path = join(directory, "genesis.cbor");
  if (!existsSync(path)) await found(data, directory, path, origin, now);
  const genesis = new Uint8Array(await readFile(path));
  const document = loadGenesis(genesis);
  const keys = await openKeys(directory, loadSigner);
  const validator = document.validators.find(({ archive }) =>
    equal(archive, keys.archive.publicKey),
  );
  if (validator === undefined)
    throw new LedgerError("genesis.key", "no validator has this node's archive key");
  return { genesis, document, validator: validator.name, keys };
}

/** Name under which a validator's archive cosigns gateway checkpoints. */
export function archiveName(origin: string, validator: string): string {
  return `${origin}/archive/${validator}`;
}

async function found(
  data: string,
  directory: string,
  path: string,
  origin: string,
  now: number,
): Promise<void> {
  await makeDirectory(directory);
  const operator = await loadOrCreateKey(join(data, "keys", "operator.pem"));
  const keys = await openKeys(directory, loadOrCreateKey);
  // Die here: keys that no document names. The next start uses them.
  const genesis = createGenesis({
    origin,
    time: now,
    operators: [{ name: "operator", key: operator.publicKey }],
    archivists: [{ name: VALIDATOR, key: keys.archivist.publicKey }],
    validators: [
      {
        name: VALIDATOR,
        log: keys.log.publicKey,
        cosigner: keys.cosigner.publicKey,
        archive: keys.archive.publicKey,
      },
    ],
    policy: {},
  });
  await writeDurably(join(directory, "policy"), genesisPolicy(loadGenesis(genesis)));
  // Die here: a policy nobody was given yet; the document decides, and it is written last.
  await writeDurably(path, genesis);
}

async function openKeys(
  directory: string,
  open: (path: string) => Promise<Signer>,
): Promise<NodeKeys> {
  const at = (name: string): string => join(directory, "keys", `${name}.pem`);
  return {
    log: await open(at("log")),
    cosigner: await open(at("cosigner")),
    archive: await open(at("archive")),
    // A ledger that was founded before it had archivists has no such key: one is made, which can do nothing until it is enrolled.
    archivist: await loadOrCreateKey(at("archivist")),
  };
}
