// What an entry's own bytes say, and whether its key signed them: the costly part of a standing, free of ledger order (D7).

import {
  FormatError,
  type Hash32,
  PSEUDONYM_BYTES,
  parseBody,
  parseStatement,
  readBirth,
  readState,
  type Statement,
  sha256,
  toHex,
  verifyStatement,
} from "@muniment/core";
import type { Says } from "./device-says.ts";

/** A record as a point will see it. The records of a body are none: what a person did is nobody's reading (D8). */
export interface Sample {
  readonly name: string;
  readonly unit: string | null;
  /** Milliseconds since 1970, rounded from the device's seconds; from a device without a clock relative, 0 or less. */
  readonly t: number;
  readonly value: number;
}

/** A parsed statement and the verdict on its signature. */
export interface Examined {
  readonly kid: string;
  readonly iss: string;
  readonly sub: string;
  /** Seconds since 1970; 0 from a device without a clock. */
  readonly issuedAt: number;
  readonly clockless: boolean;
  readonly sequence: number;
  /** SHA-256 of the statement: what tells same bytes from other bytes. */
  readonly hash: Hash32;
  /** Null while no key of that kid is known. */
  readonly signed: boolean | null;
  /** Readings; what a device says of itself is none. */
  readonly samples: readonly Sample[];
  readonly says: Says | null;
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
    const { iss, sub, issuedAt, clockless, sequence, bodyHash } = statement;
    const samples = statement.kind === "reading" ? statement.records.map(sampleOf) : [];
    const signed = key === undefined ? null : verifyStatement(statement, key);
    return {
      ...{ kid, iss, sub, issuedAt, clockless, sequence, bodyHash },
      ...{ hash: sha256(entry), signed, samples, says: saysOf(statement) },
    };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

function saysOf({ kind, records }: Statement): Says | null {
  if (kind === "birth") return { kind, birth: readBirth(records) };
  return kind === "state" ? { kind, state: readState(records) } : null;
}

/** The pseudonyms in the body of an access event: its data values of 16 bytes (FORMAT 2). None when it is not the body that was signed. */
export function pseudonymsIn(entry: Uint8Array, body: Uint8Array): readonly Uint8Array[] {
  try {
    return parseBody(parseStatement(entry), body).flatMap(({ value }) =>
      value instanceof Uint8Array && value.length === PSEUDONYM_BYTES ? [value] : [],
    );
  } catch (error) {
    if (error instanceof FormatError) return [];
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
