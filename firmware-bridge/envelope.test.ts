// The envelope names the key and the hashes under which the gateway will speak of a message.

import {
  buildAccessEvent,
  buildStatement,
  encode,
  keyThumbprint,
  leafHash,
  sha256,
  signerFromSeed,
  toHex,
  utf8,
} from "@muniment/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readEnvelope } from "./envelope.ts";

const signer = signerFromSeed(sha256(utf8("sample board")));
const kidHex = toHex(keyThumbprint(signer.publicKey));
const head = {
  iss: "urn:dev:os:32473-board-1",
  sub: "b1",
  issuedAt: 1_760_000_000,
  sequence: 1,
  signer,
};
const records = [{ name: "temp", unit: "Cel", value: 21.5, time: 1_760_000_000 }];

test("a statement", () => {
  const payload = buildStatement({ ...head, records });
  const hash = toHex(leafHash(payload));
  expect(readEnvelope(payload)).toEqual({ payload, kidHex, hash, payloadHash: hash });
});

test("an access event: the hash of the statement, and of the whole", () => {
  const { statement, body } = buildAccessEvent({ ...head, records, salt: new Uint8Array(16) });
  const payload = encode([statement, body]);
  expect(readEnvelope(payload)).toEqual({
    payload,
    kidHex,
    hash: toHex(leafHash(statement)),
    payloadHash: toHex(leafHash(payload)),
  });
});

test("whatever it is, it has a hash", () => {
  const payload = buildStatement({ ...head, records });
  fc.assert(
    fc.property(
      fc.nat({ max: payload.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flips) => {
        const bent = payload.slice();
        bent[at]! ^= flips;
        expect(readEnvelope(bent)).toMatchObject({ hash: toHex(leafHash(bent)) });
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(readEnvelope(bytes).payloadHash).toBe(toHex(leafHash(bytes)));
    }),
  );
  expect(readEnvelope(Uint8Array.of(0x82, 1, 2)).kidHex).toBeNull();
});
