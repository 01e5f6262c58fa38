// Access events (FORMAT 2): the statement shows nothing of the body, and only that body fits.

import { describe, expect, it } from "vitest";
import { buildAccessEvent, parseBody } from "./access-event.ts";
import { concat, toHex, utf8 } from "./bytes.ts";
import { encodeSign1, keyThumbprint } from "./cose.ts";
import { sha256 } from "./hash.ts";
import { encodePack } from "./senml.ts";
import { signerFromSeed } from "./signature.ts";
import { buildStatement, parseStatement, statementHeader, verifyStatement } from "./statement.ts";

const T = 1_767_225_600;
const signer = signerFromSeed(new Uint8Array(32).fill(1));
const head = { iss: "urn:dev:os:32473-reader-1", sub: "b1/lobby", issuedAt: T, sequence: 3 };
const records = [
  { name: "door", value: true, time: T },
  { name: "credential", value: new Uint8Array(16).fill(9), time: T },
];
const salt = new Uint8Array(16).fill(7);
const refuses = (code: string) => expect.objectContaining({ code });

/** A signed event over any body. */
function over(body: Uint8Array) {
  const header = statementHeader(head, signer.publicKey).set(258, -16).set(259, 112);
  return parseStatement(encodeSign1({ header, payload: sha256(body), signer }));
}

describe("an access event", () => {
  const { statement, body } = buildAccessEvent({ ...head, signer, records, salt });
  const parsed = parseStatement(statement);

  it("is a statement over the hash of its body", () => {
    expect(parsed).toMatchObject({
      kind: "access",
      ...head,
      records: [],
      bodyHash: sha256(body),
      kid: keyThumbprint(signer.publicKey),
    });
    expect(verifyStatement(parsed, signer.publicKey)).toBe(true);
    expect(parseBody(parsed, body)).toEqual(records);
    for (const secret of [utf8("door"), new Uint8Array(16).fill(9), salt])
      expect(toHex(statement)).not.toContain(toHex(secret));
  });

  it("with another salt has another hash", () => {
    const other = buildAccessEvent({ ...head, signer, records, salt: new Uint8Array(16).fill(8) });
    expect(parseStatement(other.statement).bodyHash).not.toEqual(parsed.bodyHash);
  });

  it("fits no other body, and a reading fits none", () => {
    expect(() => parseBody(parsed, concat(body, Uint8Array.of(0)))).toThrow(refuses("access.body"));
    expect(() =>
      parseBody(
        parsed,
        body.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
      ),
    ).toThrow(refuses("access.body"));
    expect(() =>
      parseBody(parseStatement(buildStatement({ ...head, signer, records })), body),
    ).toThrow(refuses("access.body"));
  });

  it("needs a salt of 16 bytes and a pack as its body", () => {
    const bare = encodePack(records);
    expect(() => parseBody(over(bare), bare)).toThrow(refuses("access.salt"));
    const short = encodePack([...records, { name: "salt", value: new Uint8Array(15), time: T }]);
    expect(() => parseBody(over(short), short)).toThrow(refuses("access.salt"));
    expect(() => parseBody(over(utf8("x")), utf8("x"))).toThrow(refuses("cbor.truncated"));
    expect(() => buildAccessEvent({ ...head, signer, records, salt: new Uint8Array(8) })).toThrow(
      refuses("access.salt"),
    );
    const long = new Uint8Array(4097);
    expect(() => parseBody(over(long), long)).toThrow(refuses("access.body"));
  });
});
