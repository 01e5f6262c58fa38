// The worked examples of ledger/core/FORMAT.md, made anew from the keys and values that the page states.

import {
  buildTransaction,
  concat,
  dispositionBody,
  encode,
  encodeEntries,
  formatEvidence,
  formatVkey,
  leafHash,
  parseNote,
  parseStatement,
  toBeSigned,
  utf8,
} from "@muniment/core";
import { encodeCoapFrame, encodeMessage, uintOption } from "@muniment/firmware-bridge";
import { answerOf } from "../../firmware-bridge/answer.ts";
import { linkLimits, linkStart, linkStep } from "../../firmware-bridge/link.ts";
import { encodeAck } from "../../gateway/ingest/ack.ts";
import { encodeTime } from "../../gateway/ingest/device-time.ts";
import { gatewayGenesis } from "../../gateway/log/genesis.ts";
import { batchRequest } from "../../gateway/sync/request.ts";
import { createGenesis } from "../../ledger/genesis.ts";
import {
  accessStatement,
  birthStatement,
  clocklessStatement,
  GATEWAY_ORIGIN,
  keyOf,
  LogFiles,
  ORIGIN,
  readingStatement,
  START,
  sampleDisposition,
  sampleGenesis,
  sampleLedger,
  stateStatement,
} from "../independent/sample-ledger.ts";

/** An example by its name: bytes stand as hexadecimal in the page, text stands as it is. */
export type Examples = ReadonlyMap<string, Uint8Array | string>;

/** Names and content of all examples, in the order of the page. */
export async function formatExamples(): Promise<Examples> {
  const ledger = await sampleLedger(1);
  const gateway = keyOf("muniment sample gateway");
  const reading = readingStatement(7);
  const { sign1 } = parseStatement(reading);
  const access = accessStatement(20);
  const genesisLeaf = gatewayGenesis({
    gateway: "gw-1",
    building: "b1",
    origin: GATEWAY_ORIGIN,
    signer: gateway,
    logKey: keyOf("muniment sample gateway log").publicKey,
  });
  const small = new LogFiles(GATEWAY_ORIGIN, keyOf("muniment sample gateway log"));
  const checkpoint = small.append([genesisLeaf, readingStatement(1)]);
  const batch = { from: 0, size: 2, root: small.root, checkpoint, proof: [], since: 0 };
  const cosignature = parseNote(ledger.checkpoint).signatures[1]!.blob;
  const cosignedAt = Number(
    new DataView(cosignature.buffer, cosignature.byteOffset).getBigUint64(0),
  );
  return new Map<string, Uint8Array | string>([
    ["statement-protected", sign1.protectedBytes],
    ["statement-payload", sign1.payload],
    ["statement-signed", toBeSigned(sign1)],
    ["statement", reading],
    ["statement-leaf", leafHash(reading)],
    ["birth-payload", parseStatement(birthStatement(21)).sign1.payload],
    ["birth", birthStatement(21)],
    ["state-payload", parseStatement(stateStatement(22)).sign1.payload],
    ["clockless-payload", parseStatement(clocklessStatement(23)).sign1.payload],
    ["clockless", clocklessStatement(23)],
    ["access-body", access.body],
    ["access-statement", access.statement],
    ["gateway-genesis", genesisLeaf],
    ["entry-bundle", encodeEntries([utf8("one"), utf8("two")])],
    ["hash-tile", concat(leafHash(utf8("one")), leafHash(utf8("two")))],
    ["gateway-vkey", `${small.vkey}\n`],
    ["gateway-checkpoint", checkpoint],
    [
      "transaction",
      buildTransaction({
        ledger: ORIGIN,
        kind: "building.register",
        sequence: 1,
        body: { building: "b1", name: "Sample House", zone: "Europe/London" },
        signer: keyOf("muniment sample operator"),
      }),
    ],
    ["disposition", encode(dispositionBody(sampleDisposition()))],
    ["ledger-genesis", createGenesis(sampleGenesis(1))],
    ["effects", ledger.leaves[1]!.effects],
    ["ledger-entry", ledger.leaves[1]!.leaf],
    ["ledger-checkpoint", ledger.checkpoint],
    ["cosigned", `cosignature/v1\ntime ${cosignedAt}\n${parseNote(ledger.checkpoint).text}`],
    [
      "cosigner-vkey",
      `${formatVkey({ name: `${ORIGIN}/validator/v1`, type: 4, publicKey: keyOf("muniment sample validator 1 cosigner").publicKey })}\n`,
    ],
    ["policy", ledger.policy],
    ["tlog-proof", (await ledger.evidence(7)).gatewayProof],
    ["evidence", formatEvidence(await ledger.evidence(7))],
    ["mqtt-access", encode([access.statement, access.body])],
    [
      "mqtt-ack",
      encodeAck(
        { seq: 7, result: "admitted", hash: leafHash(reading), inLogBy: START + 430 },
        gateway,
      ),
    ],
    ["mqtt-time", encodeTime((START + 420) * 1_000 + 250, gateway)],
    ["serial-request", encodeCoapFrame(serialRequest(reading))],
    ["serial-stored", serialAnswer(reading, "admitted")],
    ["serial-refused", serialAnswer(reading, "unknown-key")],
    [
      "batch",
      batchRequest(batch, [genesisLeaf, readingStatement(1)], [], {
        gateway: "gw-1",
        ledger: ORIGIN,
        signer: gateway,
      }),
    ],
  ]);
}

/** A board's POST /r, message id 1234, token 0102. */
function serialRequest(statement: Uint8Array): Uint8Array {
  return encodeMessage({
    type: "CON",
    code: "0.02",
    messageId: 0x1234,
    token: Uint8Array.of(1, 2),
    options: [{ name: "Uri-Path", value: utf8("r") }, uintOption("Content-Format", 18)],
    payload: statement,
  });
}

/** The frame that the bridge answers it with, once the gateway has said its word. */
function serialAnswer(statement: Uint8Array, result: string): Uint8Array {
  const bytes = serialRequest(statement);
  const { state } = linkStep(linkStart, { kind: "message", bytes, now: 0 }, linkLimits);
  const outcome = { kind: "outcome", exchange: 1, answer: answerOf(result), now: 0 } as const;
  const [sent] = linkStep(state, outcome, linkLimits).outputs;
  if (sent?.kind !== "send") throw new Error("the link did not answer");
  return encodeCoapFrame(sent.message);
}
