// A ledger entry as a node shows it: leaf, effects and proof, believed only under an accepted checkpoint (F5, D14).

import {
  type Cbor,
  type CborMap,
  type Checkpoint,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  type Effect,
  equal,
  type LedgerEntry,
  leafHash,
  parseTransaction,
  sha256,
  type Transaction,
  verifyInclusion,
} from "@muniment/core";

/** Unproven: what came over the wire. */
export interface ShownEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly effects: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export interface ProvenEntry {
  readonly index: number;
  readonly entry: LedgerEntry;
  readonly transaction: Transaction;
  readonly effects: readonly Effect[];
}

/**
 * The entry, if it is in the log under `checkpoint` and its effects are those it commits to; else the sentence that says
 * what does not hold. Bytes that obey no format throw FormatError.
 */
export function proveEntry(shown: ShownEntry, { size, root }: Checkpoint): ProvenEntry | string {
  const { index, leaf, proof } = shown;
  if (!verifyInclusion({ index, size, leaf: leafHash(leaf), root, proof })) {
    return `entry ${index} is not in the ledger of size ${size}`;
  }
  const entry = decodeLedgerEntry(leaf);
  if (!equal(sha256(shown.effects), entry.effects)) {
    return `entry ${index} commits to other effects than shown`;
  }
  return {
    index,
    entry,
    transaction: parseTransaction(entry.transaction),
    effects: decodeEffects(shown.effects),
  };
}

/** The state value that the entry wrote under `key`, or null. */
export function written({ effects }: ProvenEntry, key: string): CborMap | null {
  const effect = effects.findLast(([name]) => name === key);
  if (effect === undefined || effect[1] === null) return null;
  const value = decode(effect[1]);
  return value instanceof Map ? value : null;
}

/** Reads `{index, leaf, effects, proof}`, or null. */
export function shownEntry(value: Cbor | undefined): ShownEntry | null {
  if (!(value instanceof Map)) return null;
  const [index, leaf, effects, proof] = ["index", "leaf", "effects", "proof"].map((name) =>
    value.get(name),
  );
  if (
    typeof index !== "number" ||
    !(leaf instanceof Uint8Array) ||
    !(effects instanceof Uint8Array)
  ) {
    return null;
  }
  return isHashes(proof) ? { index, leaf, effects, proof } : null;
}

/** A list of byte strings: what a proof looks like before it is checked. */
export function isHashes(value: Cbor | undefined): value is readonly Uint8Array[] {
  return Array.isArray(value) && value.every((item) => item instanceof Uint8Array);
}
