// Device statements (FORMAT 1): what is built is read back, and each rule refuses by its code.

import { describe, expect, it } from "vitest";
import { readBirth } from "./birth.ts";
import { concat, fromHex, toHex, u32be, u64be, utf8 } from "./bytes.ts";
import { type Cbor, type Encodable, encode } from "./cbor.ts";
import { encodeSign1, keyThumbprint } from "./cose.ts";
import { readState } from "./device-state.ts";
import { leafHash } from "./hash.ts";
import { encodePack } from "./senml.ts";
import { signerFromSeed } from "./signature.ts";
import {
  buildBirth,
  buildState,
  buildStatement,
  isPlace,
  parseStatement,
  STATEMENT_BYTES_MAX,
  statementLeaf,
  verifyStatement,
} from "./statement.ts";

const T = 1_767_225_600;
const signer = signerFromSeed(new Uint8Array(32).fill(1));
const records = [{ name: "temperature", unit: "Cel", value: 21.5, time: T }];
const head = {
  iss: "urn:dev:os:32473-room-201",
  sub: "b1/floor-2/room-201",
  issuedAt: T,
  sequence: 7,
};

/** A statement put together by hand: headers and claims replaced, added, or (undefined) left out. */
function made(
  headers: Readonly<Record<number, Encodable | undefined>>,
  claims: Readonly<Record<number, Encodable | undefined>> = {},
  payload = encodePack(records),
): Uint8Array {
  const entries = (
    base: Readonly<Record<number, Encodable | undefined>>,
    changes: Readonly<Record<number, Encodable | undefined>>,
  ) =>
    new Map<Cbor, Encodable>(
      Object.entries({ ...base, ...changes })
        .filter((entry): entry is [string, Encodable] => entry[1] !== undefined)
        .map(([label, value]) => [Number(label), value]),
    );
  const claimMap = entries(
    { 1: head.iss, 2: head.sub, 6: head.issuedAt, 7: u64be(head.sequence) },
    claims,
  );
  return encodeSign1({
    header: entries({ 3: 112, 4: keyThumbprint(signer.publicKey), 15: claimMap }, headers),
    payload,
    signer,
  });
}

const codeOf = (bytes: Uint8Array): string | null => {
  try {
    parseStatement(bytes);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe("a statement", () => {
  it("is built and read back", () => {
    const bytes = buildStatement({ ...head, signer, records });
    const statement = parseStatement(bytes);
    expect(statement).toMatchObject({
      kind: "reading",
      ...head,
      records,
      bodyHash: null,
      kid: keyThumbprint(signer.publicKey),
    });
    expect(statement.bytes).toEqual(bytes);
    expect(bytes).toEqual(made({}));
    expect(verifyStatement(statement, signer.publicKey)).toBe(true);
    expect(statementLeaf(statement)).toEqual(leafHash(bytes));
  });

  it("verifies only under the key that its kid names", () => {
    const other = signerFromSeed(new Uint8Array(32).fill(2));
    expect(verifyStatement(parseStatement(made({})), other.publicKey)).toBe(false);
    // Signed by one key, naming another: neither key may vouch for it.
    const named = parseStatement(made({ 4: keyThumbprint(other.publicKey) }));
    expect(verifyStatement(named, other.publicKey)).toBe(false);
    expect(verifyStatement(named, signer.publicKey)).toBe(false);
  });

  it("of a device without a clock has relative times only, and one with a clock none", () => {
    const ago = [-60, 0].map((time) => ({ name: "temperature", unit: "Cel", value: 21.5, time }));
    const bytes = buildStatement({ ...head, issuedAt: 0, signer, records: ago });
    expect(parseStatement(bytes)).toMatchObject({ issuedAt: 0, clockless: true, records: ago });
    expect(parseStatement(made({}))).toMatchObject({ clockless: false });
    const refused = [
      made({}, { 6: 0 }),
      made({}, {}, encodePack(ago)),
      made({}, { 6: 1 }, encodePack(ago)),
    ];
    expect(refused.map(codeOf)).toEqual(refused.map(() => "statement.clock"));
  });

  it("is of one kind, by the names of its records", () => {
    const of = (...names: readonly string[]) =>
      made(
        {},
        {},
        encodePack(
          names.map((name) => ({
            name,
            value: name.startsWith("device/") ? "ready" : "text",
            time: T,
            ...(name === "birth/a" ? { unit: "W" } : {}),
          })),
        ),
      );
    const kinds = [["a", "b/c", "birth"], ["birth/a", "birth/boot"], ["device/state"]];
    expect(kinds.map((names) => parseStatement(of(...names)).kind)).toEqual([
      "reading",
      "birth",
      "state",
    ]);
    const mixed = [
      of("a", "birth/a"),
      of("birth/a", "a"),
      of("device/state", "birth/boot"),
      of("a", "device/state"),
    ];
    expect(mixed.map(codeOf)).toEqual(mixed.map(() => "statement.mixed"));
    expect(codeOf(of("birth/a", "birth/a"))).toBe("statement.birth");
    expect(codeOf(of("device/state", "device/state"))).toBe("statement.state");
  });

  it("of what the device is and how it does is built in one call", () => {
    const birth = {
      points: [{ name: "co2", unit: "ppm", brick: "CO2_Level_Sensor" }],
      boot: "17",
    };
    const born = parseStatement(buildBirth({ ...head, signer, birth }));
    expect(born).toMatchObject({ kind: "birth", issuedAt: T });
    expect(readBirth(born.records)).toEqual(birth);
    const state = { state: "ready", clock: "none", uptime: 12.5, battery: 90, resets: 3 } as const;
    const said = parseStatement(buildState({ ...head, issuedAt: 0, signer, state }));
    expect(said).toMatchObject({ kind: "state", clockless: true });
    expect(readState(said.records)).toEqual(state);
  });

  it("has integers where the format has them, and not floats of the same value", () => {
    const headerOf = (bytes: Uint8Array) => parseStatement(bytes).sign1.protectedBytes;
    const swapped = (bytes: Uint8Array, from: string, to: string): Uint8Array => {
      const old = toHex(headerOf(bytes));
      expect(old.split(from)).toHaveLength(2);
      const header = fromHex(old.replace(from, to));
      return concat(
        Uint8Array.of(0xd2),
        encode([header, new Map(), parseStatement(bytes).sign1.payload, new Uint8Array(64)]),
      );
    };
    // iat as f9, fa and fb; then algorithm and content type.
    const floats = [
      swapped(made({}, { 6: 32_768 }), "06198000", "06f97800"),
      swapped(made({}, { 6: 2 ** 30 }), "061a40000000", "06fa4e800000"),
      swapped(made({}, { 6: T + 1 }), "061a6955b901", "06fb41da556e40400000"),
      swapped(made({}), "a40127", "a401f9c800"),
      swapped(made({}), "03187004", "03f9570004"),
    ];
    expect(floats.map(codeOf)).toEqual(floats.map(() => "cbor.integer"));
    expect(codeOf(swapped(made({}), "061a6955b900", "061a6955b901"))).toBeNull();
  });

  it("takes sequence numbers of 4 and 8 bytes up to 2^53 - 1", () => {
    expect(parseStatement(made({}, { 7: u32be(0xffffffff) })).sequence).toBe(0xffffffff);
    expect(parseStatement(made({}, { 7: u64be(Number.MAX_SAFE_INTEGER) })).sequence).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });

  it("is refused by the rule it breaks", () => {
    const refused: Readonly<Record<string, readonly Uint8Array[]>> = {
      "statement.header": [
        made({ 3: undefined }),
        made({ 3: 110 }),
        made({ 15: undefined }),
        made({ 15: [] }),
        made({ 5: utf8("iv") }),
        made({ 4: undefined }),
        made({}, { 1: undefined }),
        made({}, { 7: undefined }),
        made({}, { 3: "audience" }),
        made({ 258: -16 }),
        made({ 3: undefined, 258: -16, 259: 112 }),
        made({ 3: undefined, 258: -43, 259: 112 }, {}, new Uint8Array(32)),
        made({ 3: undefined, 258: -16, 259: 110 }, {}, new Uint8Array(32)),
        made({ 3: undefined, 258: -16, 259: 112, 260: "https://example" }, {}, new Uint8Array(32)),
      ],
      "cose.header": [made({ 4: utf8("short") }), made({ 4: "kid" })],
      "cose.critical": [made({ 2: [4] })],
      "statement.issuer": [
        made({}, { 1: "device" }),
        made({}, { 1: "urn:dev:" }),
        made({}, { 1: "urn:dev:os: x" }),
        made({}, { 1: 5 }),
        made({}, { 1: `urn:dev:${"x".repeat(300)}` }),
      ],
      "statement.subject": [
        "",
        "/",
        "b1/",
        "/b1",
        "B1",
        "b1//a",
        "b1/ä",
        "b1/a b",
        "a/b/c/d/e/f/g/h/i",
        "x".repeat(65),
        5,
      ].map((sub) => made({}, { 2: sub })),
      "statement.time": [
        made({}, { 6: -1 }),
        made({}, { 6: 1.5 }),
        made({}, { 6: "now" }),
        made({}, { 6: 2 ** 40 }),
        made({}, { 6: 1e300 }),
      ],
      "statement.sequence": [
        made({}, { 7: 5 }),
        made({}, { 7: new Uint8Array(0) }),
        made({}, { 7: new Uint8Array(5) }),
        made({}, { 7: u64be(2n ** 53n) }),
      ],
      "senml.structure": [made({}, {}, encode([]))],
      "statement.too-large": [made({}, {}, new Uint8Array(STATEMENT_BYTES_MAX))],
    };
    for (const [code, statements] of Object.entries(refused)) {
      for (const [i, bytes] of statements.entries())
        expect(codeOf(bytes), `${code} ${i}`).toBe(code);
    }
  });

  it("that would be refused is never signed", () => {
    expect(() => buildStatement({ ...head, sub: "B1", signer, records })).toThrow(
      expect.objectContaining({ code: "statement.subject" }),
    );
    expect(() =>
      buildStatement({ ...head, signer, records: [{ name: "a", value: Number.NaN, time: T }] }),
    ).toThrow(expect.objectContaining({ code: "cbor.value" }));
  });

  it("names places of 1 to 8 segments", () => {
    expect(isPlace("b1")).toBe(true);
    expect(isPlace("a/b/c/d/e/f/g/h")).toBe(true);
    expect(isPlace("b1\n")).toBe(false);
  });
});
