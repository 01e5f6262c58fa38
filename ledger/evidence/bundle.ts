// The evidence of one reading in one file, built from what the log, the archive and the tiles hold (F7, D13).

import {
  type EvidenceBundle,
  FormatError,
  formatEvidence,
  formatPolicy,
  formatTlogProof,
  type ProvenEntry,
  parsePolicy,
  parseStatement,
  proveInclusion,
  type Statement,
  toBase64,
} from "@muniment/core";
import type { Archive } from "../archive/archive.ts";
import type { Consensus, LedgerHead } from "../consensus/consensus.ts";
import type { AnchorIndex } from "./anchor-index.ts";
import { readAnchor } from "./anchored.ts";
import { proveEntry, tlogProofOf } from "./proven.ts";
import { entryOfKey, revokedAt } from "./state.ts";

/** Why there is no bundle for an entry. */
export const NO_EVIDENCE = {
  "evidence.not-anchored": [404, "the ledger has not anchored such an entry of this gateway"],
  "evidence.not-a-statement": [
    422,
    "the entry is no device statement, so there is nothing to prove about a device",
  ],
  "evidence.unknown-key": [
    422,
    "the ledger never enrolled the key that the statement names, so nobody can be shown to have made it",
  ],
  "evidence.revoked-key": [
    422,
    "the key was revoked before the entry was anchored, so it vouches for nothing",
  ],
} as const satisfies Record<string, readonly [status: number, says: string]>;

export type NoEvidence = keyof typeof NO_EVIDENCE;

interface Sources {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly anchors: AnchorIndex;
}

/** The text of the bundle for entry `index` of the gateway's log, or why there is none. */
export async function buildEvidence(
  sources: Sources,
  gateway: string,
  index: number,
): Promise<{ readonly text: string } | { readonly code: NoEvidence }> {
  const { consensus, archive, anchors } = sources;
  const anchorIndex = await anchors.over(gateway, index);
  if (anchorIndex === null || index >= archive.size(gateway))
    return { code: "evidence.not-anchored" };
  const [entry] = await archive.entries(gateway, index, index + 1);
  const statement = statementOf(entry!);
  if (statement === null) return { code: "evidence.not-a-statement" };
  const deviceIndex = entryOfKey(consensus, statement.kid);
  if (deviceIndex === null || deviceIndex > anchorIndex) return { code: "evidence.unknown-key" };

  const head = consensus.head();
  const anchor = await readAnchor(consensus, anchorIndex);
  // A bundle proves that the key was enrolled, and cannot prove that it was not revoked since: whoever knows refuses.
  const revoked = revokedAt(consensus, statement.kid);
  if (revoked !== null && revoked < anchor.height) return { code: "evidence.revoked-key" };
  const gatewayIndex = entryOfKey(consensus, anchor.kid);
  if (gatewayIndex === null) return { code: "evidence.unknown-key" };
  const path = await proveInclusion(index, anchor.size, (name) => archive.readTile(gateway, name));
  const place = { gateway, index };
  const kept = statement.bodyHash === null ? null : await archive.body(place);
  const withheld = kept === null ? await archive.withheldBy(place) : null;
  const bundle: EvidenceBundle = {
    format: "muniment-evidence/1",
    statement: toBase64(statement.bytes),
    ...(kept === null ? {} : { body: toBase64(kept.body) }),
    ...(withheld === null ? {} : { disposition: await provenEntry(consensus, withheld, head) }),
    gatewayProof: formatTlogProof({ index, proof: path, checkpoint: anchor.note }),
    anchor: await provenEntry(consensus, anchorIndex, head),
    gatewayKey: await provenEntry(consensus, gatewayIndex, head),
    deviceKey: await provenEntry(consensus, deviceIndex, head),
    policy: formatPolicy(parsePolicy(consensus.policy())),
  };
  return { text: formatEvidence(bundle) };
}

async function provenEntry(
  consensus: Consensus,
  index: number,
  head: LedgerHead,
): Promise<ProvenEntry> {
  const proven = await proveEntry(consensus, index, head);
  return {
    entry: toBase64(proven.leaf),
    effects: toBase64(proven.effects),
    proof: tlogProofOf(proven, head),
  };
}

function statementOf(entry: Uint8Array): Statement | null {
  try {
    return parseStatement(entry);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
