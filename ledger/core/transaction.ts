// Transactions: what consensus orders (FORMAT 4).

import { concat } from "./bytes.ts";
import { type CborMap, decode, type Encodable, encode } from "./cbor.ts";
import {
  decodeSign1,
  encodeSign1,
  HEADER,
  keyIdOf,
  keyThumbprint,
  type Sign1,
  verifySign1,
} from "./cose.ts";
import { FormatError } from "./errors.ts";
import { type Hash32, sha256 } from "./hash.ts";
import type { Signer } from "./signature.ts";

/** Longest transaction: 60 KiB, so that its ledger leaf fits the 65,535 bytes of an entry bundle. */
export const TRANSACTION_BYTES_MAX = 61_440;
/** Content type in the protected header; it keeps a transaction from being taken for anything else. */
export const TRANSACTION_TYPE = "application/vnd.muniment.transaction+cbor";

/** A parsed transaction; its signature is checked by verifyTransaction(). */
export interface Transaction {
  readonly bytes: Uint8Array;
  /** SHA-256(kid ‖ payload): who says what. Not the envelope, which can be made twice. Decision 5. */
  readonly id: Hash32;
  readonly kid: Hash32;
  /** Origin of the ledger it is meant for. */
  readonly ledger: string;
  readonly kind: string;
  /** Strictly increasing per key. */
  readonly sequence: number;
  readonly body: CborMap;
  readonly sign1: Sign1;
}

/** A signed transaction in the COSE envelope. */
export function buildTransaction(transaction: {
  readonly ledger: string;
  readonly kind: string;
  readonly sequence: number;
  readonly body: Encodable;
  readonly signer: Signer;
}): Uint8Array {
  const { ledger, kind, sequence, body, signer } = transaction;
  const header = new Map<number, Encodable>([
    [HEADER.contentType, TRANSACTION_TYPE],
    [HEADER.keyId, keyThumbprint(signer.publicKey)],
  ]);
  const bytes = encodeSign1({
    header,
    payload: encode({ ledger, kind, seq: sequence, body }),
    signer,
  });
  parseTransaction(bytes);
  return bytes;
}

/** Reads a transaction strictly. Errors: `transaction.*`, `cose.*`, `cbor.*`. */
export function parseTransaction(bytes: Uint8Array): Transaction {
  if (bytes.length > TRANSACTION_BYTES_MAX)
    throw new FormatError("transaction.too-large", `${bytes.length} bytes`);
  const sign1 = decodeSign1(bytes);
  const { header } = sign1;
  if (header.size !== 3 || header.get(HEADER.contentType) !== TRANSACTION_TYPE) {
    throw new FormatError(
      "transaction.structure",
      `content type ${String(header.get(HEADER.contentType))}`,
    );
  }
  const payload = decode(sign1.payload);
  if (!(payload instanceof Map) || payload.size !== 4)
    throw new FormatError("transaction.structure");
  const ledger = payload.get("ledger");
  const kind = payload.get("kind");
  const sequence = payload.get("seq");
  const body = payload.get("body");
  if (typeof ledger !== "string" || typeof kind !== "string" || !(body instanceof Map))
    throw new FormatError("transaction.structure");
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) {
    throw new FormatError("transaction.structure", `seq ${String(sequence)}`);
  }
  const kid = keyIdOf(sign1);
  return {
    bytes,
    id: sha256(concat(kid, sign1.payload)),
    kid,
    ledger,
    kind,
    sequence,
    body,
    sign1,
  };
}

/** Whether the key signed the transaction (D7). */
export function verifyTransaction(transaction: Transaction, publicKey: Uint8Array): boolean {
  return verifySign1(transaction.sign1, publicKey);
}
