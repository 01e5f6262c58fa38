// Which of the bodies sent along are kept: those that a hash envelope of the same batch names (F2, D8).

import { FormatError, parseStatement, sha256, toHex } from "@muniment/core";
import type { Batch } from "./batch.ts";

/** Bodies that an entry names by hash. Others are passed over: nothing would ever ask for them, or delete them. */
export function referencedBodies(batch: Pick<Batch, "entries" | "bodies">): Uint8Array[] {
  if (batch.bodies.length === 0) return [];
  const named = new Set<string>();
  for (const entry of batch.entries) {
    const hash = bodyHashOf(entry);
    if (hash !== null) named.add(hash);
  }
  return batch.bodies.filter((body) => named.delete(toHex(sha256(body))));
}

/** An entry that is no statement gets its standing later; here it names nothing. */
function bodyHashOf(entry: Uint8Array): string | null {
  try {
    const { bodyHash } = parseStatement(entry);
    return bodyHash === null ? null : toHex(bodyHash);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
