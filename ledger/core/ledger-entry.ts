// Entries of the ledger's own log: a transaction as accepted, and what it changed (FORMAT 5).

import { decode, type Encodable, encode } from "./cbor.ts";
import { FormatError } from "./errors.ts";
import { asHash32, type Hash32, sha256 } from "./hash.ts";

/** One write: the key, and its new value in CBOR, or null where the key was deleted. */
export type Effect = readonly [key: string, value: Uint8Array | null];

/** A leaf of the ledger log after leaf 0, which is the genesis document itself. */
export interface LedgerEntry {
  readonly height: number;
  /** Block time in milliseconds since 1970. */
  readonly time: number;
  /** The signed transaction. */
  readonly transaction: Uint8Array;
  /** 0: accepted. Refused transactions never enter the log. */
  readonly code: number;
  /** SHA-256 of encodeEffects(). */
  readonly effects: Hash32;
  /** On every 10,000th leaf: SHA-256 over the whole state in key order. */
  readonly state?: Hash32;
}

/** Leaf bytes: deterministic CBOR [height, time, transaction, code, effects] or, with a state hash, six items. */
export function encodeLedgerEntry(entry: LedgerEntry): Uint8Array {
  const items: Encodable[] = [
    entry.height,
    entry.time,
    entry.transaction,
    entry.code,
    entry.effects,
  ];
  if (entry.state !== undefined) items.push(entry.state);
  return encode(items);
}

/** Reads leaf bytes; else `entry.structure` or `cbor.*`. */
export function decodeLedgerEntry(bytes: Uint8Array): LedgerEntry {
  const items = decode(bytes);
  if (!Array.isArray(items) || (items.length !== 5 && items.length !== 6))
    throw new FormatError("entry.structure");
  const [height, time, transaction, code, effects, state] = items;
  if (!isCount(height) || !isCount(time) || !isCount(code))
    throw new FormatError("entry.structure");
  if (!(transaction instanceof Uint8Array) || !(effects instanceof Uint8Array))
    throw new FormatError("entry.structure");
  const entry = { height, time, transaction, code, effects: asHash32(effects) };
  if (items.length === 5) return entry;
  if (!(state instanceof Uint8Array)) throw new FormatError("entry.structure");
  return { ...entry, state: asHash32(state) };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Effects in write order, as deterministic CBOR [[key, value | null], …]. */
export function encodeEffects(effects: readonly Effect[]): Uint8Array {
  return encode(effects);
}

/** Reads effects; else `effects.structure`. */
export function decodeEffects(bytes: Uint8Array): Effect[] {
  const items = decode(bytes);
  if (!Array.isArray(items)) throw new FormatError("effects.structure");
  return items.map((item) => {
    if (!Array.isArray(item) || item.length !== 2) throw new FormatError("effects.structure");
    const [key, value] = item;
    if (typeof key !== "string" || !(value === null || value instanceof Uint8Array))
      throw new FormatError("effects.structure");
    return [key, value];
  });
}

/** What a leaf commits to. */
export function effectsHash(effects: readonly Effect[]): Hash32 {
  return sha256(encodeEffects(effects));
}
