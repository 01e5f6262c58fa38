// What an entry's own bytes say, and whether its key signed them: the costly part of a standing, free of ledger order (D7).

import {
  FormatError,
  type Hash32,
  parseBody,
  parseStatement,
  sha256,
  toHex,
  verifyStatement,
} from "@muniment/core";

/** A record as a point will see it. A body's records are read later, when the body is at hand. */
export interface Sample {
  readonly name: string;
  readonly unit: string | null;
  /** Milliseconds since 1970, rounded from the device's seconds. */
  readonly t: number;
  readonly value: number;
}

/** A parsed statement and the verdict on its signature. */
export interface Examined {
  readonly kid: string;
  readonly iss: string;
  readonly sub: string;
  readonly issuedAt: number;
  readonly sequence: number;
  /** SHA-256 of the statement: what tells same bytes from other bytes. */
  readonly hash: Hash32;
  /** Null while no key of that kid is known. */
  readonly signed: boolean | null;
  readonly samples: readonly Sample[];
  /** SHA-256 of the body of an access event. */
  readonly bodyHash: Hash32 | null;
}

/** Public keys by kid in hex. A kid is the key's thumbprint, so an entry never changes. */
export type KnownKeys = ReadonlyMap<string, Uint8Array>;

/** Examines one entry; null when it is no statement (`malformed`). */
export function examine(entry: Uint8Array, keys: KnownKeys): Examined | null {
  try {
    const statement = parseStatement(entry);
    const kid = toHex(statement.kid);
    const key = keys.get(kid);
    const { iss, sub, issuedAt, sequence, bodyHash } = statement;
    const samples = statement.records.map(sampleOf);
    const signed = key === undefined ? null : verifyStatement(statement, key);
    return { kid, iss, sub, issuedAt, sequence, hash: sha256(entry), signed, samples, bodyHash };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** The samples of an access event's body, or null when it is not the body that was signed. */
export function examineBody(entry: Uint8Array, body: Uint8Array): readonly Sample[] | null {
  try {
    return parseBody(parseStatement(entry), body).map(sampleOf);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** A truth value counts as 0 or 1, and an event that only names something (a hash of a credential) as one event. */
function sampleOf(record: {
  readonly name: string;
  readonly unit?: string;
  readonly value?: number | string | boolean | Uint8Array;
  readonly sum?: number;
  readonly time: number;
}): Sample {
  const value = record.value ?? record.sum ?? 1;
  return {
    name: record.name,
    unit: record.unit ?? null,
    t: Math.round(record.time * 1000),
    value: typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : 1,
  };
}
