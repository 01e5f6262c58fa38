// Every refusal of the door, by its code: check.ts on real bytes, then admit.ts on its findings.

import {
  concat,
  type Encodable,
  encode,
  encodeSign1,
  HEADER,
  SENML_CBOR,
  statementHeader,
  utf8,
} from "@muniment/core";
import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";
import { checkMessage, type WorkerKey } from "./check.ts";
import { type Checked, FINDING_BYTES, readFinding, writeFinding } from "./checked.ts";
import type { Verdict } from "./dedup.ts";
import { SAMPLE_TIME, SampleDevice } from "./sample-device.ts";

const meter = new SampleDevice("meter-1");
const keys = new Map<string, WorkerKey>([
  [meter.kidHex, { ...meter.record, kidHex: meter.kidHex }],
]);
const limits = { futureMsMax: 60_000 };
const NOW = SAMPLE_TIME * 1_000;

/** Through the worker's bytes and back, as in production. */
function check(payload: Uint8Array): Checked {
  const bytes = Buffer.alloc(2 * FINDING_BYTES);
  const codes: string[] = [];
  writeFinding(checkMessage(payload, keys), bytes, FINDING_BYTES, codes);
  return readFinding(bytes, FINDING_BYTES, codes, payload);
}

function admission(
  payload: Uint8Array,
  extra: {
    building?: string;
    device?: string;
    key?: SampleDevice["record"] | undefined;
    verdict?: Verdict;
    now?: number;
  } = {},
): string {
  const result = admit(
    {
      checked: check(payload),
      building: "b1",
      device: "meter-1",
      key: meter.record,
      verdict: "new",
      now: NOW,
      ...extra,
    },
    limits,
  );
  return result.kind === "refused"
    ? result.code
    : result.kind === "admitted" && result.late
      ? "late"
      : result.kind;
}

/** A statement with one bit changed in its last byte: the signature. */
function spoil(statement: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(statement);
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

/** A signed birth of one point, as core would not sign it. */
function birthWithUnit(unit: string | null): Uint8Array {
  const { urn: iss, place: sub } = meter.record;
  const head = { iss, sub, issuedAt: SAMPLE_TIME, sequence: 1 };
  const record = new Map<number, Encodable>([
    [0, "birth/power"],
    [3, "Electric_Power_Sensor"],
    [-3, SAMPLE_TIME],
  ]);
  if (unit !== null) record.set(1, unit);
  return encodeSign1({
    header: statementHeader(head, meter.signer.publicKey).set(HEADER.contentType, SENML_CBOR),
    payload: encode([record]),
    signer: meter.signer,
  });
}

describe("admitted", () => {
  test("a reading, with all that the journal needs", () => {
    const statement = meter.statement(7);
    const checked = check(statement);
    expect(checked).toMatchObject({
      code: null,
      parsed: true,
      kidHex: meter.kidHex,
      sequence: 7,
      timeMax: SAMPLE_TIME,
      body: null,
    });
    expect(Uint8Array.from(checked.statement)).toEqual(statement);
    expect(admission(statement)).toBe("admitted");
  });

  test("an access event, taken apart", () => {
    const { statement, body, payload } = meter.access(8);
    const checked = check(payload);
    expect(checked.code).toBeNull();
    expect(Uint8Array.from(checked.statement)).toEqual(statement);
    expect(Uint8Array.from(checked.body!)).toEqual(body);
    expect(admission(payload)).toBe("admitted");
  });

  test("what a device says of itself, whether or not it is so enrolled", () => {
    expect(admission(meter.birth(1))).toBe("admitted");
    expect(admission(meter.birth(1, 0))).toBe("admitted");
    const state = [{ name: "device/state", value: "ready", time: SAMPLE_TIME }];
    expect(admission(meter.statement(1, state))).toBe("admitted");
  });

  test("readings of a device without a clock, at any time", () => {
    const ago = [{ name: "power", unit: "W", value: 1, time: -60 }];
    const statement = meter.statement(1, ago, { issuedAt: 0 });
    expect(check(statement)).toMatchObject({ code: null, timeMax: 0 });
    expect(admission(statement)).toBe("admitted");
    expect(admission(statement, { now: 0 })).toBe("admitted");
  });

  test("by sequence", () => {
    const statement = meter.statement(1);
    for (const verdict of ["late", "duplicate", "conflict", "sequence-too-old"] as const)
      expect(admission(statement, { verdict })).toBe(verdict);
  });
});

describe("refused", () => {
  const good = meter.statement(1);
  const stranger = new SampleDevice("stranger");
  const access = meter.access(1);
  test.each<[string, Uint8Array]>([
    ["cose.structure", new Uint8Array(0)],
    ["cose.structure", Uint8Array.of(0xa0)],
    ["cbor.truncated", good.subarray(0, good.length - 1)],
    ["cbor.trailing", concat(good, Uint8Array.of(0))],
    ["cbor.depth", concat(Uint8Array.of(0xd2), new Uint8Array(200).fill(0x81))],
    ["statement.too-large", concat(good, new Uint8Array(4_096))],
    ["cose.structure", encode([good, 1])],
    ["cbor.truncated", Uint8Array.of(0x82)],
    ["unknown-key", stranger.statement(1)],
    ["bad-signature", spoil(good)],
    ["wrong-issuer", meter.statement(1, undefined, { iss: "urn:dev:os:32473-other" })],
    ["wrong-subject", meter.statement(1, undefined, { sub: "b1/floor-2" })],
    [
      "unknown-point",
      meter.statement(1, [{ name: "energy", unit: "J", value: 1, time: SAMPLE_TIME }]),
    ],
    [
      "unit-mismatch",
      meter.statement(1, [{ name: "power", unit: "J", value: 1, time: SAMPLE_TIME }]),
    ],
    ["unit-mismatch", meter.statement(1, [{ name: "power", value: 1, time: SAMPLE_TIME }])],
    ["body-missing", access.statement],
    ["body-mismatch", encode([access.statement, meter.access(2).body])],
    ["body-mismatch", encode([good, access.body])],
    ["future", meter.statement(1, undefined, { issuedAt: SAMPLE_TIME + 61 })],
    [
      "future",
      meter.statement(1, [{ name: "power", unit: "W", value: 1, time: SAMPLE_TIME + 61 }]),
    ],
    ["future", meter.birth(1, SAMPLE_TIME + 61)],
    ["wrong-subject", new SampleDevice("meter-1", { place: "b1" }).birth(1)],
    ["cose.structure", utf8('{"points":[]}')],
    ["senml.unit", birthWithUnit("furlong")],
    ["statement.birth", birthWithUnit(null)],
  ])("%s", (code, payload) => {
    expect(admission(payload)).toBe(code);
  });

  test("by topic and registry, before the claims", () => {
    expect(admission(good, { device: "meter-2" })).toBe("wrong-device");
    const bridged = { ...meter.record, bridge: "br-1" };
    expect(admission(good, { key: bridged, device: "br-1" })).toBe("admitted");
    expect(admission(good, { key: bridged, device: "br-2" })).toBe("wrong-device");
    expect(admission(good, { building: "b2" })).toBe("wrong-building");
    expect(admission(good, { key: { ...meter.record, status: "revoked" } })).toBe("revoked-key");
    expect(admission(good, { key: { ...meter.record, status: "rotated" } })).toBe("revoked-key");
    expect(admission(good, { key: undefined })).toBe("unknown-key");
    expect(admission(spoil(good), { key: { ...meter.record, status: "revoked" } })).toBe(
      "revoked-key",
    );
    expect(admission(spoil(good), { device: "meter-2" })).toBe("bad-signature");
  });

  test("no flipped bit is admitted", () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Uint8Array.from(good);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(admission(bytes)).not.toBe("admitted");
    }
  });
});
