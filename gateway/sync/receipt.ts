// The receipt of a batch: what makes it final, checked step by step (life of a reading 8, D13, D14).

import {
  type Checkpoint,
  COSIGNATURE_V1,
  decode,
  equal,
  FormatError,
  isBy,
  makeVkey,
  openCheckpoint,
  parseNote,
  parseTlogProof,
  type Vkey,
  verifyCosignature,
} from "@muniment/core";
import { GatewayError } from "../errors.ts";
import { proveEntry, type ShownEntry, written } from "./proven-entry.ts";

/** Parsed, not yet proven. */
export interface Receipt extends ShownEntry {
  readonly bytes: Uint8Array;
  /** Cosigned ledger checkpoint that the proof leads to. */
  readonly checkpoint: string;
  /** The gateway's checkpoint with the archives' lines. */
  readonly archived: string;
}

/** What the receipt must be about, and whose signatures count. */
export interface ReceiptTerms {
  readonly gateway: string;
  readonly ledger: string;
  readonly logKey: Vkey;
  /** Public keys of the archives. */
  readonly archives: readonly Uint8Array[];
  readonly archivesNeeded: number;
}

/** An anchor that is final. */
export interface Anchored {
  readonly size: number;
  readonly root: Uint8Array;
  /** Ledger index of the anchor. */
  readonly index: number;
  /** Block time, in ms. */
  readonly time: number;
  /** The building's registry counter when it committed. */
  readonly registry: number;
}

/** Reads a receipt. Errors: `receipt.invalid`. */
export function parseReceipt(bytes: Uint8Array): Receipt {
  return asReceiptError(() => {
    const value = decode(bytes);
    if (!(value instanceof Map)) throw invalid("no CBOR map");
    const [index, leaf, effects, proof, archived] = [
      "index",
      "leaf",
      "effects",
      "proof",
      "archived",
    ].map((name) => value.get(name));
    if (
      typeof index !== "number" ||
      !(leaf instanceof Uint8Array) ||
      !(effects instanceof Uint8Array) ||
      typeof proof !== "string" ||
      typeof archived !== "string"
    ) {
      throw invalid("a field is missing");
    }
    const tlogProof = parseTlogProof(proof);
    if (tlogProof.index !== index) throw invalid(`index ${index}, proof for ${tlogProof.index}`);
    return {
      bytes,
      index,
      leaf,
      effects,
      proof: tlogProof.proof,
      checkpoint: tlogProof.checkpoint,
      archived,
    };
  });
}

/**
 * Proves a receipt under a ledger checkpoint that was accepted before: the anchor of this gateway's log at `size` is in
 * the ledger, the state took it, and the archives say that they store and serve what it covers.
 * Errors: `receipt.invalid`.
 */
export function proveReceipt(
  receipt: Receipt,
  checkpoint: Checkpoint,
  size: number,
  terms: ReceiptTerms,
): Anchored {
  return asReceiptError(() => {
    const proven = proveEntry(receipt, checkpoint);
    if (typeof proven === "string") throw invalid(proven);
    const { transaction, entry } = proven;
    if (transaction.kind !== "anchor" || transaction.ledger !== terms.ledger || entry.code !== 0) {
      throw invalid(`entry ${proven.index} is no accepted anchor in ${terms.ledger}`);
    }
    const note = transaction.body.get("checkpoint");
    if (transaction.body.get("gateway") !== terms.gateway || typeof note !== "string") {
      throw invalid(`entry ${proven.index} anchors another gateway`);
    }
    const ours = openCheckpoint(note, terms.logKey);
    if (ours.size !== size)
      throw invalid(`entry ${proven.index} anchors size ${ours.size}, expected ${size}`);

    const state = written(proven, `gateway/${terms.gateway}`);
    const root = state?.get("root");
    const registry = state?.get("registry");
    if (
      state?.get("size") !== ours.size ||
      !(root instanceof Uint8Array) ||
      !equal(root, ours.root)
    ) {
      throw invalid(`the effects of entry ${proven.index} do not show size ${size} with its root`);
    }
    if (typeof registry !== "number") throw invalid("the effects show no registry counter");

    const lines = archiveLines(receipt.archived, ours, terms);
    if (lines < terms.archivesNeeded) {
      throw invalid(
        `${lines} archives say that they store size ${size}, ${terms.archivesNeeded} are needed`,
      );
    }
    return { size, root: ours.root, index: proven.index, time: entry.time, registry };
  });
}

/** How many archives signed this very checkpoint. A line that is there but does not verify refuses the whole note. */
function archiveLines(
  archived: string,
  ours: Checkpoint,
  { archives, logKey }: ReceiptTerms,
): number {
  const stored = openCheckpoint(archived, logKey);
  if (stored.size !== ours.size || !equal(stored.root, ours.root)) return 0;
  const { signatures } = parseNote(archived);
  let count = 0;
  for (const publicKey of archives) {
    // The key is pinned, its name is not: a line counts under whatever name that key signs.
    const line = signatures.find((one) => isBy(one, makeVkey(one.name, COSIGNATURE_V1, publicKey)));
    if (line === undefined) continue;
    verifyCosignature(archived, line.line, makeVkey(line.name, COSIGNATURE_V1, publicKey));
    count += 1;
  }
  return count;
}

function invalid(found: string): GatewayError {
  return new GatewayError("receipt.invalid", found);
}

function asReceiptError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new GatewayError("receipt.invalid", `${error.code}: ${error.message}`, { cause: error });
  }
}
