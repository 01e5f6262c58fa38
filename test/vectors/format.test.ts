// FORMAT.md says what core does: its examples are made anew, compared, and read back by the parsers they belong to.
// After a change of format on purpose, MUNIMENT_WRITE_FORMAT=1 puts the new examples into the page.

import {
  checkPolicy,
  decode,
  decodeEffects,
  decodeEntries,
  decodeLedgerEntry,
  decodePack,
  decodeSign1,
  equal,
  formatPolicy,
  formatTlogProof,
  fromUtf8,
  leafHash,
  openCheckpoint,
  parseBody,
  parseNote,
  parsePolicy,
  parseStatement,
  parseTlogProof,
  parseTransaction,
  parseVkey,
  sha256,
  toBeSigned,
  utf8,
  verify,
  verifyEvidence,
  verifyStatement,
  verifyTransaction,
} from "@muniment/core";
import { decodeMessage } from "@muniment/firmware-bridge";
import { beforeAll, describe, expect, it } from "vitest";
import { FrameDecoder } from "../../firmware-bridge/frame-decoder.ts";
import { loadGenesis } from "../../ledger/genesis.ts";
import { parseBatch } from "../../ledger/intake/batch.ts";
import { gatewayGenesis, keyOf, ORIGIN, PLACE } from "../independent/sample-ledger.ts";
import { type Examples, formatExamples } from "./format-examples.ts";
import { readPage, writePage } from "./format-page.ts";

describe("FORMAT.md", () => {
  let made: Examples;
  let page: ReadonlyMap<string, Uint8Array | string>;
  const bytes = (name: string): Uint8Array => page.get(name) as Uint8Array;
  const text = (name: string): string => page.get(name) as string;
  const device = keyOf("muniment sample device");

  beforeAll(async () => {
    made = await formatExamples();
    if (process.env.MUNIMENT_WRITE_FORMAT === "1") writePage(made);
    page = readPage();
  });

  it("holds every example, byte for byte", () => {
    expect([...page.keys()]).toEqual([...made.keys()]);
    for (const [name, example] of page) expect(example, name).toEqual(made.get(name));
  });

  it("1 device statement", () => {
    const statement = parseStatement(bytes("statement"));
    expect(statement).toMatchObject({
      kind: "reading",
      sub: PLACE,
      sequence: 7,
      issuedAt: Date.UTC(2026, 0, 1, 0, 7) / 1000,
    });
    expect(statement.sign1.protectedBytes).toEqual(bytes("statement-protected"));
    expect(statement.sign1.payload).toEqual(bytes("statement-payload"));
    expect(toBeSigned(statement.sign1)).toEqual(bytes("statement-signed"));
    expect(verifyStatement(statement, device.publicKey)).toBe(true);
    expect(decodePack(bytes("statement-payload"))).toEqual([
      { name: "temperature", unit: "Cel", value: 21.5, time: 1_767_226_020 },
      { name: "energy", unit: "J", value: 25_200_000, time: 1_767_226_020 },
    ]);
    expect(leafHash(bytes("statement"))).toEqual(bytes("statement-leaf"));
  });

  it("2 access event", () => {
    const statement = parseStatement(bytes("access-statement"));
    expect(verifyStatement(statement, device.publicKey)).toBe(true);
    expect(parseBody(statement, bytes("access-body")).map(({ name }) => name)).toEqual([
      "door",
      "credential",
    ]);
    expect(statement.bodyHash).toEqual(sha256(bytes("access-body")));
  });

  it("3 gateway log", () => {
    expect(bytes("gateway-genesis")).toEqual(gatewayGenesis());
    const checkpoint = openCheckpoint(
      text("gateway-checkpoint"),
      parseVkey(text("gateway-vkey").trim()),
    );
    expect(checkpoint).toMatchObject({ origin: `${ORIGIN}/gw/gw-1`, size: 2 });
    expect(decodeEntries(bytes("entry-bundle")).map(fromUtf8)).toEqual(["one", "two"]);
    expect(bytes("hash-tile").slice(32)).toEqual(leafHash(utf8("two")));
  });

  it("4 transaction and 5 ledger log", () => {
    const transaction = parseTransaction(bytes("transaction"));
    expect(transaction).toMatchObject({ ledger: ORIGIN, kind: "building.register", sequence: 1 });
    expect(verifyTransaction(transaction, keyOf("muniment sample operator").publicKey)).toBe(true);
    const entry = decodeLedgerEntry(bytes("ledger-entry"));
    expect(entry).toMatchObject({ height: 1, code: 0, transaction: bytes("transaction") });
    expect(entry.effects).toEqual(sha256(bytes("effects")));
    expect(decodeEffects(bytes("effects"))[0]![0]).toBe("building/b1");
    expect(loadGenesis(bytes("ledger-genesis")).origin).toBe(ORIGIN);
  });

  it("6 checkpoint, cosignature, policy and proof", () => {
    const policy = parsePolicy(text("policy"));
    expect(formatPolicy(policy)).toBe(text("policy"));
    expect(checkPolicy(policy, text("ledger-checkpoint")).cosigners).toHaveLength(1);
    const { blob } = parseNote(text("ledger-checkpoint")).signatures[1]!;
    expect(
      verify(
        parseVkey(text("cosigner-vkey").trim()).publicKey,
        utf8(text("cosigned")),
        blob.slice(8),
      ),
    ).toBe(true);
    expect(formatTlogProof(parseTlogProof(text("tlog-proof")))).toBe(text("tlog-proof"));
  });

  it("7 evidence bundle", () => {
    expect(verifyEvidence(text("evidence"), { policy: text("policy") }).verdict).toBe("verified");
    expect(verifyEvidence(text("evidence")).verdict).toBe("consistent-issuer-not-trusted");
  });

  it("9 serial line", () => {
    const [request, stored, refused] = ["request", "stored", "refused"].map((name) => {
      const [frame] = new FrameDecoder().push(bytes(`serial-${name}`));
      const message = frame?.kind === "coap" ? decodeMessage(frame.message) : null;
      if (message === null || message.type === "fault") throw new Error(`${name} is no message`);
      return message;
    });
    const heads = [request, stored, refused].map((message) => [message?.type, message?.code]);
    expect(heads).toEqual([
      ["CON", "0.02"],
      ["ACK", "2.04"],
      ["ACK", "4.01"],
    ]);
    expect(Uint8Array.from(request!.payload)).toEqual(bytes("statement"));
    expect(fromUtf8(refused!.payload)).toBe("unknown-key");
    for (const { messageId, token } of [stored!, refused!]) {
      expect(messageId).toBe(request!.messageId);
      expect(token).toEqual(request!.token);
    }
  });

  it("8 MQTT and 11 batches", () => {
    const message = decode(bytes("mqtt-access"));
    expect(message).toEqual([bytes("access-statement"), bytes("access-body")]);
    const ack = decodeSign1(bytes("mqtt-ack"));
    expect(verify(keyOf("muniment sample gateway").publicKey, toBeSigned(ack), ack.signature)).toBe(
      true,
    );
    expect((decode(ack.payload) as ReadonlyMap<string, unknown>).get("hash")).toEqual(
      bytes("statement-leaf"),
    );
    const batch = parseBatch(bytes("batch"));
    if ("code" in batch) throw new Error(batch.found);
    expect(batch).toMatchObject({
      from: 0,
      checkpoint: text("gateway-checkpoint"),
      bodies: [],
      proof: [],
    });
    expect(batch.entries).toHaveLength(2);
    expect(equal(batch.entries[0]!, bytes("gateway-genesis"))).toBe(true);
    expect(parseTransaction(batch.anchor)).toMatchObject({ kind: "anchor", sequence: 2 });
  });
});
