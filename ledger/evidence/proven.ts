// A committed entry together with its proof under the ledger's newest checkpoint (F5, F6, C2SP tlog-proof).

import { formatTlogProof, type Hash32, proveConsistency, proveInclusion } from "@muniment/core";
import type { CommittedEntry, Consensus, LedgerHead } from "../consensus/consensus.ts";
import { LedgerError } from "../errors.ts";

export interface ProvenEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  /** The preimage of the effects hash in the leaf. */
  readonly effects: Uint8Array;
  readonly proof: readonly Hash32[];
}

/** The entry at `index` with its inclusion proof under `head`. An index beyond the head is `evidence.unknown-entry`. */
export async function proveEntry(
  consensus: Consensus,
  index: number,
  head: LedgerHead,
): Promise<ProvenEntry> {
  const entry: CommittedEntry | null = index < head.size ? await consensus.entry(index) : null;
  if (entry === null) throw new LedgerError("evidence.unknown-entry", `${index} of ${head.size}`);
  const proof = await proveInclusion(index, head.size, (path) => consensus.readTile(path));
  return { index, leaf: entry.leaf, effects: entry.effects, proof };
}

/** The proof as text, with the cosigned checkpoint of `head`. */
export function tlogProofOf(entry: ProvenEntry, head: LedgerHead): string {
  return formatTlogProof({ index: entry.index, proof: entry.proof, checkpoint: head.checkpoint });
}

/** Proof that `head` extends the log of `size`; nothing to prove from 0 or the same size. */
export async function proveGrowth(
  consensus: Consensus,
  size: number,
  head: LedgerHead,
): Promise<readonly Hash32[]> {
  if (size > head.size) throw new LedgerError("evidence.beyond-head", `${size} of ${head.size}`);
  if (size === 0 || size === head.size) return [];
  return proveConsistency(size, head.size, (path) => consensus.readTile(path));
}
