// COSE_Sign1, as strictly as FORMAT 0.3 says. Third-party messages: test/conformance.

import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex, utf8 } from "./bytes.ts";
import { type Cbor, type Encodable, encode } from "./cbor.ts";
import {
  decodeSign1,
  encodeSign1,
  keyIdOf,
  keyThumbprint,
  toBeSigned,
  verifySign1,
} from "./cose.ts";
import { signerFromSeed } from "./signature.ts";

const signer = signerFromSeed(new Uint8Array(32).fill(1));
const kid = keyThumbprint(signer.publicKey);
const header = new Map<Cbor, Encodable>([
  [4, kid],
  [3, 112],
]);
const message = encodeSign1({ header, payload: utf8("payload"), signer });
const tag = Uint8Array.of(0xd2);
const signature = new Uint8Array(64);

/** A message put together by hand. */
function made(parts: {
  protectedHeader?: Encodable;
  unprotected?: Encodable;
  payload?: Encodable;
  signature?: Encodable;
  raw?: Uint8Array;
}): Uint8Array {
  const protectedBytes = parts.raw ?? encode(parts.protectedHeader ?? new Map([[1, -8]]));
  return concat(
    tag,
    encode([
      protectedBytes,
      parts.unprotected ?? new Map(),
      parts.payload === undefined ? utf8("p") : parts.payload,
      parts.signature ?? signature,
    ]),
  );
}

describe("COSE_Sign1", () => {
  it("is signed over the Sig_structure and read back", () => {
    const read = decodeSign1(message);
    expect(verifySign1(read, signer.publicKey)).toBe(true);
    expect(read.header).toEqual(
      new Map<Cbor, Cbor>([
        [1, -8],
        [3, 112],
        [4, kid],
      ]),
    );
    expect(keyIdOf(read)).toEqual(kid);
    expect(toHex(toBeSigned({ protectedBytes: fromHex("a10127"), payload: fromHex("00") }))).toBe(
      "846a5369676e61747572653143a10127404100",
    );
    expect(
      encodeSign1({
        header: new Map<Cbor, Encodable>([...header, [1, -7]]),
        payload: utf8("payload"),
        signer,
      }),
    ).toEqual(message);
  });

  it("names its key by the RFC 9679 thumbprint", () => {
    const key = fromHex("c8e5bbc6da061c0f6a751d1297081d957e50d12a63f85069dbe580bcc1b88c69");
    expect(toHex(keyThumbprint(key))).toBe(
      "8638b5ab3693b81f94068cc6bee11f2f3e7827f1fcc3c174b038d85c14933b05",
    );
  });

  it("in both algorithm numbers is read", () => {
    for (const algorithm of [-8, -19])
      expect(decodeSign1(made({ protectedHeader: new Map([[1, algorithm]]) })).header.get(1)).toBe(
        algorithm,
      );
  });

  it("of any other form is refused, and by its code", () => {
    const refused: Readonly<Record<string, readonly Uint8Array[]>> = {
      "cose.structure": [
        message.slice(1),
        new Uint8Array(0),
        concat(Uint8Array.of(0xd1), message.slice(1)),
        concat(fromHex("d9d9f7"), message),
        concat(tag, encode([])),
        concat(tag, encode(new Map())),
        concat(tag, encode([utf8("a"), new Map(), utf8("p"), signature, 0])),
        concat(tag, encode([new Map([[1, -8]]), new Map(), utf8("p"), signature])),
        made({ unprotected: [] }),
      ],
      "cose.unprotected": [
        made({ unprotected: new Map([[4, kid]]) }),
        made({ unprotected: new Map([[1, -8]]), raw: new Uint8Array(0) }),
      ],
      "cose.payload": [made({ payload: null }), made({ payload: "p" })],
      "cose.signature": [
        made({ signature: new Uint8Array(63) }),
        made({ signature: new Uint8Array(65) }),
        made({ signature: "s" }),
      ],
      "cose.header": [made({ protectedHeader: [1, -8] })],
      "cose.algorithm": [
        made({ raw: new Uint8Array(0) }),
        made({ protectedHeader: new Map() }),
        made({ protectedHeader: new Map([[1, -7]]) }),
        made({ protectedHeader: new Map<Cbor, Encodable>([[1, "EdDSA"]]) }),
      ],
      "cose.critical": [
        made({
          protectedHeader: new Map<Cbor, Encodable>([
            [1, -8],
            [2, [4]],
          ]),
        }),
      ],
      "cbor.key-order": [made({ raw: fromHex("a2031870" + "0127") })],
      "cbor.trailing": [concat(message, Uint8Array.of(0)), made({ raw: fromHex("a1012700") })],
    };
    for (const [code, messages] of Object.entries(refused)) {
      for (const bytes of messages)
        expect(() => decodeSign1(bytes), toHex(bytes).slice(0, 60)).toThrow(
          expect.objectContaining({ code }),
        );
    }
  });

  it("with a key id of another length has none", () => {
    const read = decodeSign1(
      made({
        protectedHeader: new Map<Cbor, Encodable>([
          [1, -8],
          [4, kid.slice(1)],
        ]),
      }),
    );
    expect(() => keyIdOf(read)).toThrow(expect.objectContaining({ code: "cose.header" }));
    expect(() => keyIdOf(decodeSign1(made({})))).toThrow(
      expect.objectContaining({ code: "cose.header" }),
    );
  });
});
