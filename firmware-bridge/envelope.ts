// What the bridge reads of a statement: whose key it names, and the hashes under which the gateway speaks of it. It judges nothing (F1, F2, F8).

import { decode, decodeSign1, FormatError, keyIdOf, leafHash, toHex } from "@muniment/core";

export interface Envelope {
  readonly payload: Uint8Array;
  /** Thumbprint of the key that the statement names, in hex; null when it names none that can be read. */
  readonly kidHex: string | null;
  /** Leaf hash of the statement, in hex. */
  readonly hash: string;
  /** Leaf hash of the whole payload: how the gateway speaks of what it cannot read. The same, but for access events. */
  readonly payloadHash: string;
}

/** Reads an envelope from any bytes. */
export function readEnvelope(payload: Uint8Array): Envelope {
  const payloadHash = toHex(leafHash(payload));
  const statement = statementOf(payload);
  const hash = statement === payload ? payloadHash : toHex(leafHash(statement));
  return { payload, kidHex: kidOf(statement), hash, payloadHash };
}

const ARRAY_OF_TWO = 0x82;

/** The statement of [statement, body], or all the bytes. */
function statementOf(payload: Uint8Array): Uint8Array {
  if (payload[0] !== ARRAY_OF_TWO) return payload;
  const pair = readable(() => decode(payload));
  return Array.isArray(pair) && pair[0] instanceof Uint8Array ? pair[0] : payload;
}

function kidOf(statement: Uint8Array): string | null {
  const kid = readable(() => keyIdOf(decodeSign1(statement)));
  return kid === null ? null : toHex(kid);
}

/** A stranger's bytes may only cause a FormatError; anything else is our fault and must be seen. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
