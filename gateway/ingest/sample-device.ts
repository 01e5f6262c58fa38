// A device with a key of its own, for tests: what the registry says of it, and what it signs.

import {
  buildAccessEvent,
  buildBirth,
  buildStatement,
  encode,
  keyThumbprint,
  type SenmlRecord,
  sha256,
  signerFromSeed,
  toHex,
  utf8,
} from "@muniment/core";
import type { KeyRecord } from "../ports.ts";

export const SAMPLE_TIME = 1_760_000_000;

export class SampleDevice {
  readonly signer;
  readonly record: KeyRecord;
  readonly kidHex: string;

  constructor(device: string, extra: Partial<KeyRecord> = {}) {
    this.signer = signerFromSeed(sha256(utf8(`sample ${device}`)));
    const kid = keyThumbprint(this.signer.publicKey);
    this.kidHex = toHex(kid);
    this.record = {
      kid,
      key: this.signer.publicKey,
      device,
      urn: `urn:dev:os:32473-${device}`,
      place: "b1/floor-1",
      building: "b1",
      status: "active",
      points: [
        { name: "power", unit: "W", kind: "gauge" },
        { name: "door", unit: "", kind: "event" },
      ],
      bridge: null,
      n: 1,
      ...extra,
    };
  }

  /** A signed statement; `extra` bends its head. */
  statement(
    sequence: number,
    records?: readonly SenmlRecord[],
    extra: { iss?: string; sub?: string; issuedAt?: number } = {},
  ): Uint8Array {
    return buildStatement({
      signer: this.signer,
      iss: this.record.urn,
      sub: this.record.place,
      issuedAt: SAMPLE_TIME,
      sequence,
      records: records ?? [
        { name: "power", unit: "W", value: 1_000 + sequence, time: SAMPLE_TIME },
      ],
      ...extra,
    });
  }

  /** A signed birth; its one point is not enrolled. */
  birth(sequence: number, issuedAt = SAMPLE_TIME): Uint8Array {
    return buildBirth({
      signer: this.signer,
      iss: this.record.urn,
      sub: this.record.place,
      issuedAt,
      sequence,
      birth: { points: [{ name: "voltage", unit: "V", brick: "Voltage_Sensor" }], boot: "1" },
    });
  }

  /** A door event as it travels (F2, F8): the array [statement, body], and its two parts. */
  access(sequence: number) {
    const { statement, body } = buildAccessEvent({
      signer: this.signer,
      iss: this.record.urn,
      sub: this.record.place,
      issuedAt: SAMPLE_TIME,
      sequence,
      records: [{ name: "door", value: "granted", time: SAMPLE_TIME }],
      salt: new Uint8Array(16).fill(sequence),
    });
    return { statement, body, payload: encode([statement, body]) };
  }
}
