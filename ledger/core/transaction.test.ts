// Transactions (FORMAT 4): built, read back, and refused.

import { describe, expect, it } from "vitest";
import { concat } from "./bytes.ts";
import { type Cbor, type Encodable, encode } from "./cbor.ts";
import { encodeSign1, keyThumbprint } from "./cose.ts";
import { sha256 } from "./hash.ts";
import { signerFromSeed } from "./signature.ts";
import {
  buildTransaction,
  parseTransaction,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_TYPE,
  verifyTransaction,
} from "./transaction.ts";

const signer = signerFromSeed(new Uint8Array(32).fill(1));
const content = { ledger: "ledger.example", kind: "key.revoke", seq: 5, body: { reason: "lost" } };
const made = (
  payload: Encodable,
  type: Encodable = TRANSACTION_TYPE,
  extra: readonly (readonly [Cbor, Encodable])[] = [],
): Uint8Array =>
  encodeSign1({
    header: new Map<Cbor, Encodable>([[3, type], [4, keyThumbprint(signer.publicKey)], ...extra]),
    payload: encode(payload),
    signer,
  });

describe("a transaction", () => {
  it("is built and read back; its identity is the hash of key id and payload", () => {
    const bytes = buildTransaction({
      ledger: content.ledger,
      kind: content.kind,
      sequence: 5,
      body: content.body,
      signer,
    });
    const transaction = parseTransaction(bytes);
    expect(transaction).toMatchObject({
      ledger: content.ledger,
      kind: content.kind,
      sequence: 5,
      kid: keyThumbprint(signer.publicKey),
    });
    expect(transaction.id).toEqual(
      sha256(concat(keyThumbprint(signer.publicKey), encode(content))),
    );
    expect(transaction.body).toEqual(new Map([["reason", "lost"]]));
    expect(bytes).toEqual(made(content));
    expect(verifyTransaction(transaction, signer.publicKey)).toBe(true);
    expect(
      verifyTransaction(transaction, signerFromSeed(new Uint8Array(32).fill(2)).publicKey),
    ).toBe(false);
  });

  it("of any other form is refused", () => {
    for (const [i, bytes] of [
      made([1, 2]),
      made({ ...content, more: 1 }),
      made({ ledger: content.ledger, kind: content.kind, seq: 5 }),
      made({ ...content, seq: 0 }),
      made({ ...content, seq: -1 }),
      made({ ...content, seq: 1.5 }),
      made({ ...content, seq: 2n ** 53n }),
      made({ ...content, seq: "5" }),
      made({ ...content, body: [] }),
      made({ ...content, kind: 5 }),
      made({ ...content, ledger: null }),
      made(content, "application/cbor"),
      made(content, 112),
      made(content, TRANSACTION_TYPE, [[5, 1]]),
    ].entries()) {
      expect(() => parseTransaction(bytes), String(i)).toThrow(
        expect.objectContaining({ code: "transaction.structure" }),
      );
    }
  });

  it("has room for 60 KiB and not more", () => {
    const empty = made({ ...content, body: { reason: "" } }).length;
    const filled = (length: number): Uint8Array =>
      made({ ...content, body: { reason: "x".repeat(length) } });
    const room = TRANSACTION_BYTES_MAX - empty - 3; // longer heads of the text and of the payload
    expect(filled(room).length).toBe(TRANSACTION_BYTES_MAX);
    expect(() => parseTransaction(filled(room))).not.toThrow();
    expect(() => parseTransaction(filled(room + 1))).toThrow(
      expect.objectContaining({ code: "transaction.too-large" }),
    );
  });
});
