// The receipt of a batch: its anchor proven in the ledger log, and the archive's line that the entries are stored (life of a reading 8).

import { encode } from "@muniment/core";
import type { Archive } from "../archive/archive.ts";
import type { Consensus } from "../consensus/consensus.ts";
import type { AnchorIndex } from "./anchor-index.ts";
import { readAnchor } from "./anchored.ts";
import { proveEntry, tlogProofOf } from "./proven.ts";

/** The receipt as CBOR, for the checkpoint of exactly `size`; null when it is not anchored, or not yet archived. */
export async function buildReceipt(
  needs: {
    readonly consensus: Consensus;
    readonly archive: Archive;
    readonly anchors: AnchorIndex;
  },
  gateway: string,
  size: number,
  result: "accepted" | "already",
): Promise<Uint8Array | null> {
  const { consensus, archive, anchors } = needs;
  const index = await anchors.at(gateway, size);
  if (index === null) return null;
  const anchor = await readAnchor(consensus, index);
  const archived = archive.cosign(gateway, anchor.note, anchor.time);
  if (archived === null) return null;
  const head = consensus.head();
  const entry = await proveEntry(consensus, index, head);
  return encode({
    result,
    index,
    leaf: entry.leaf,
    effects: entry.effects,
    proof: tlogProofOf(entry, head),
    archived,
  });
}
