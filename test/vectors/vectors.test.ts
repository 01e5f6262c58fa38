// The golden vectors, byte for byte: made here from their inputs, and read back. Two independent implementations have
// verified the same bytes, so a change here is a change of format.

import { readFileSync } from "node:fs";
import {
  addSignature,
  type Cbor,
  CompactRange,
  checkPolicy,
  concat,
  cosign,
  decode,
  decodePack,
  decodeSign1,
  type Encodable,
  encode,
  encodeSign1,
  formatPolicy,
  formatTlogProof,
  formatVkey,
  fromHex,
  inclusionProof,
  keyThumbprint,
  leafHash,
  nodeHash,
  openCheckpoint,
  parsePolicy,
  parseStatement,
  parseTlogProof,
  parseVkey,
  sha256,
  signCheckpoint,
  signerFromSeed,
  toBeSigned,
  toHex,
  u32be,
  utf8,
  verify,
  verifyCosignature,
  verifyInclusion,
  verifyStatement,
} from "@muniment/core";
import { describe, expect, it } from "vitest";

function vector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), "utf8")) as T;
}

interface Reading {
  seedLabel: string;
  seed: string;
  publicKey: string;
  coseKey: string;
  kid: string;
  iss: string;
  sub: string;
  issuedAt: number;
  sequence: number;
  protected: string;
  payload: string;
  toBeSigned: string;
  statement: string;
  leafHash: string;
}
const reading = vector<Reading>("device-statement");
const access = vector<{
  iss: string;
  sub: string;
  issuedAt: number;
  body: string;
  statement: string;
}>("access-statement");
const tree = vector<{
  leaf0Text: string;
  leaf0Hash: string;
  root: string;
  index: number;
  inclusionPath: string[];
}>("tree");
const checkpoint = vector<{
  logSeedLabel: string;
  cosignerSeedLabel: string;
  logVkey: string;
  cosignerVkey: string;
  cosignedAt: number;
  checkpoint: string;
  tlogProof: string;
  policy: string;
}>("checkpoint");
const receipt = vector<{
  issuer: string;
  subject: string;
  issuedAt: number;
  inclusionReceipt: string;
  transparentStatement: string;
  consistencyReceipt: string;
}>("receipt");

const signerOf = (label: string) => signerFromSeed(sha256(utf8(label)));
const device = signerOf(reading.seedLabel);
const log = signerOf(checkpoint.logSeedLabel);
const cosigner = signerOf(checkpoint.cosignerSeedLabel);
const map = (...entries: [Cbor, Encodable][]) => new Map<Cbor, Encodable>(entries);

describe("device statement", () => {
  it("keys and key id", () => {
    expect(toHex(sha256(utf8(reading.seedLabel)))).toBe(reading.seed);
    expect(toHex(device.publicKey)).toBe(reading.publicKey);
    expect(toHex(encode(map([1, 1], [-1, 6], [-2, device.publicKey])))).toBe(reading.coseKey);
    expect(toHex(keyThumbprint(device.publicKey))).toBe(reading.kid);
  });

  it("is made from its parts", () => {
    // The vector's sequence number takes 4 bytes, which is accepted; core itself writes 8.
    const header = map(
      [1, -8],
      [3, 112],
      [4, fromHex(reading.kid)],
      [
        15,
        map(
          [1, reading.iss],
          [2, reading.sub],
          [6, reading.issuedAt],
          [7, u32be(reading.sequence)],
        ),
      ],
    );
    expect(toHex(encode(header))).toBe(reading.protected);
    expect(
      toHex(toBeSigned({ protectedBytes: encode(header), payload: fromHex(reading.payload) })),
    ).toBe(reading.toBeSigned);
    expect(toHex(encodeSign1({ header, payload: fromHex(reading.payload), signer: device }))).toBe(
      reading.statement,
    );
  });

  it("is read back", () => {
    const statement = parseStatement(fromHex(reading.statement));
    expect(statement).toMatchObject({
      kind: "reading",
      iss: reading.iss,
      sub: reading.sub,
      issuedAt: reading.issuedAt,
      sequence: 1,
      bodyHash: null,
    });
    expect(toHex(statement.kid)).toBe(reading.kid);
    expect(verifyStatement(statement, device.publicKey)).toBe(true);
    expect(verifyStatement(statement, log.publicKey)).toBe(false);
    const time = 0x6955b900;
    expect(statement.records).toEqual([
      { name: "urn:dev:mac:0024befffe804ff1:temp", unit: "Cel", value: 21.5, time },
      { name: "urn:dev:mac:0024befffe804ff1:co2", unit: "/", value: 0.000421, time },
      { name: "urn:dev:mac:0024befffe804ff1:energy", unit: "J", value: 444_440_520_000, time },
    ]);
    expect(toHex(leafHash(statement.bytes))).toBe(reading.leafHash);
    expect(decodePack(fromHex(reading.payload))).toEqual(statement.records);
  });
});

describe("access statement", () => {
  const message = decodeSign1(fromHex(access.statement));

  it("is made from its parts: it signs the hash of its body, and nothing of it", () => {
    const claims = map([1, access.iss], [2, access.sub], [6, access.issuedAt]);
    const header = map([4, fromHex(reading.kid)], [15, claims], [258, -16], [259, 112]);
    expect(
      toHex(encodeSign1({ header, payload: sha256(fromHex(access.body)), signer: device })),
    ).toBe(access.statement);
    expect(toHex(message.payload)).toBe(toHex(sha256(fromHex(access.body))));
    expect(verify(device.publicKey, toBeSigned(message), message.signature)).toBe(true);
    expect(
      decodePack(fromHex(access.body)).map(({ name, value }) => [name.split(":").pop(), value]),
    ).toEqual([
      ["door", true],
      ["badge", "B-004711"],
      ["salt", fromHex("c46f0a10c68841d4b6be35387eb08fc8")],
    ]);
  });

  it("is refused as a statement, because it has no sequence number", () => {
    expect(() => parseStatement(fromHex(access.statement))).toThrow(
      expect.objectContaining({ code: "statement.header" }),
    );
  });
});

describe("log of three leaves", () => {
  const leaves = [utf8(tree.leaf0Text), fromHex(reading.statement), fromHex(access.statement)].map(
    leafHash,
  );
  const nodes = new Map<string, Uint8Array>();
  const range = new CompactRange();
  for (const leaf of leaves)
    range.append(leaf, (level, index, hash) => nodes.set(`${level}/${index}`, hash));

  it("root and inclusion path", () => {
    expect(toHex(leaves[0]!)).toBe(tree.leaf0Hash);
    expect(toHex(range.root())).toBe(tree.root);
    const proof = inclusionProof(
      tree.index,
      3,
      (level, index) => nodes.get(`${level}/${index}`) as ReturnType<typeof leafHash>,
    );
    expect(proof.map(toHex)).toEqual(tree.inclusionPath);
    expect(toHex(nodeHash(nodeHash(leaves[0]!, leaves[1]!), leaves[2]!))).toBe(tree.root);
  });

  it("checkpoint, signed and cosigned", () => {
    const origin = "ledger.gov.example/gw/12";
    expect(formatVkey({ name: origin, type: 1, publicKey: log.publicKey })).toBe(
      checkpoint.logVkey,
    );
    expect(
      formatVkey({
        name: "ledger.gov.example/validator/1",
        type: 4,
        publicKey: cosigner.publicKey,
      }),
    ).toBe(checkpoint.cosignerVkey);
    const signed = signCheckpoint({ origin, size: 3, root: range.root() }, log);
    const line = cosign(signed, {
      name: "ledger.gov.example/validator/1",
      signer: cosigner,
      time: checkpoint.cosignedAt,
    });
    expect(addSignature(signed, line)).toBe(checkpoint.checkpoint);
    expect(openCheckpoint(checkpoint.checkpoint, parseVkey(checkpoint.logVkey))).toEqual({
      origin,
      size: 3,
      root: range.root(),
    });
    expect(
      verifyCosignature(checkpoint.checkpoint, line, parseVkey(checkpoint.cosignerVkey)),
    ).toEqual({ time: checkpoint.cosignedAt });
  });

  it("tlog-proof and policy", () => {
    const proof = tree.inclusionPath.map(fromHex);
    expect(formatTlogProof({ index: tree.index, proof, checkpoint: checkpoint.checkpoint })).toBe(
      checkpoint.tlogProof,
    );
    const parsed = parseTlogProof(checkpoint.tlogProof);
    const policy = parsePolicy(checkpoint.policy);
    expect(formatPolicy(policy)).toBe(checkpoint.policy);
    const verdict = checkPolicy(policy, parsed.checkpoint);
    expect(verdict.cosigners).toEqual([{ name: "v1", time: checkpoint.cosignedAt }]);
    const { size, root } = verdict.checkpoint;
    expect(
      verifyInclusion({ index: parsed.index, size, leaf: leaves[1]!, root, proof: parsed.proof }),
    ).toBe(true);
  });

  it("COSE receipts of the same tree", () => {
    const header = encode(
      map(
        [1, -8],
        [4, keyThumbprint(log.publicKey)],
        [15, map([1, receipt.issuer], [2, receipt.subject], [6, receipt.issuedAt])],
        [395, 1],
      ),
    );
    const signature = log.sign(toBeSigned({ protectedBytes: header, payload: range.root() }));
    const message = (label: number, proof: Encodable, payload: Uint8Array | null) =>
      concat(
        Uint8Array.of(0xd2),
        encode([header, map([396, map([label, [encode(proof)]])]), payload, signature]),
      );
    const inclusion = message(-1, [3, 1, tree.inclusionPath.map(fromHex)], null);
    expect(toHex(inclusion)).toBe(receipt.inclusionReceipt);
    // The tree of three contains the tree of two whole, so one hash proves it: the third leaf.
    expect(toHex(message(-2, [2, 3, [leaves[2]!]], range.root()))).toBe(receipt.consistencyReceipt);
    expect(
      verify(
        log.publicKey,
        toBeSigned({ protectedBytes: header, payload: range.root() }),
        signature,
      ),
    ).toBe(true);

    const [protectedBytes, , payload, own] = decode(fromHex(reading.statement).subarray(1)) as [
      Uint8Array,
      Cbor,
      Uint8Array,
      Uint8Array,
    ];
    const transparent = concat(
      Uint8Array.of(0xd2),
      encode([protectedBytes, map([394, [inclusion]]), payload, own]),
    );
    expect(toHex(transparent)).toBe(receipt.transparentStatement);
  });
});
