// An anchor as it committed: which note of which gateway, in which ledger entry, at which block time.

import {
  decodeLedgerEntry,
  type Hash32,
  parseCheckpoint,
  parseNote,
  parseTransaction,
} from "@muniment/core";
import type { Consensus } from "../consensus/consensus.ts";
import { LedgerError } from "../errors.ts";

export interface AnchorEntry {
  /** Ledger index of the entry. */
  readonly entry: number;
  readonly size: number;
  readonly root: Hash32;
  /** The gateway's signed note. */
  readonly note: string;
  /** The key that signed the anchor transaction. */
  readonly kid: Hash32;
  readonly height: number;
  /** Block time in ms. */
  readonly time: number;
}

/** Reads the anchor in the ledger entry at `index`. */
export async function readAnchor(consensus: Consensus, index: number): Promise<AnchorEntry> {
  const entry = await consensus.entry(index);
  if (entry === null) throw new LedgerError("evidence.unknown-entry", String(index));
  const { transaction, height, time } = decodeLedgerEntry(entry.leaf);
  const { body, kid } = parseTransaction(transaction);
  const note = body.get("checkpoint");
  if (typeof note !== "string")
    throw new LedgerError("evidence.unknown-entry", `${index} is no anchor`);
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { entry: index, size, root, note, kid, height, time };
}
