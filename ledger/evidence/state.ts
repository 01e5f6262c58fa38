// The few fields of committed state that evidence looks up: who brought a key into force, and in which ledger entry.

import { type CborMap, decode, toHex } from "@muniment/core";
import type { Consensus } from "../consensus/consensus.ts";

/** The entry that brought a key into force (an enrolment, or a rotation to it); null for a key nobody enrolled. */
export function entryOfKey(consensus: Consensus, kid: Uint8Array): number | null {
  return (recordAt(consensus, `key/${toHex(kid)}`)?.get("entry") as number | undefined) ?? null;
}

/** Height at which a key was revoked; null for one that never was, even when it was rotated away. */
export function revokedAt(consensus: Consensus, kid: Uint8Array): number | null {
  const record = recordAt(consensus, `key/${toHex(kid)}`);
  return record?.get("status") === "revoked" ? (record.get("until") as number) : null;
}

/** A state record, or null. Its value is the machine's own, so its shape is known. */
export function recordAt(consensus: Consensus, key: string): CborMap | null {
  const value = consensus.get(key);
  return value === undefined ? null : (decode(value) as CborMap);
}
