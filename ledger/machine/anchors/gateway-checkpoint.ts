// A gateway's signed checkpoint, opened with the log key that the ledger holds for it (F3).

import {
  type Checkpoint,
  ED25519,
  FormatError,
  makeVkey,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
} from "@muniment/core";
import { Refusal, type RefusalCode } from "../codes.ts";
import type { GatewayRecord } from "../records.ts";

/** The checkpoint of a note of this gateway's log; else `registry.body`, `anchor.origin` or the code given for a bad signature. */
export function openGatewayCheckpoint(
  gateway: GatewayRecord,
  note: string,
  badSignature: RefusalCode,
): Checkpoint {
  const { origin } = asRefusal("registry.body", () => parseCheckpoint(parseNote(note).text));
  if (origin !== gateway.origin)
    throw new Refusal("anchor.origin", `expected ${gateway.origin}, found ${origin}`);
  const logKey = makeVkey(gateway.origin, ED25519, gateway.logKey);
  return asRefusal(badSignature, () => openCheckpoint(note, logKey));
}

function asRefusal<T>(code: RefusalCode, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof FormatError) throw new Refusal(code, error.message);
    throw error;
  }
}
