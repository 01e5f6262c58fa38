// The people and boxes of a small test ledger (FORMAT 4): fixed keys, and the transactions they sign.

import {
  buildTransaction,
  CompactRange,
  consistencyProof,
  type Disposition,
  dispositionBody,
  type Encodable,
  type Hash32,
  keyThumbprint,
  leafHash,
  type Signer,
  sha256,
  signCheckpoint,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { createGenesis } from "../../ledger/genesis.ts";
import { rotationMessage } from "../../ledger/machine/registry/key-life.ts";

export const ORIGIN = "ledger.muniment.example/test";
export const GENESIS_TIME = 1_767_225_600_000;

/** A test key: its seed is the hash of its name, so that every run signs the same bytes. */
export function testSigner(name: string): Signer {
  return signerFromSeed(sha256(utf8(`test key ${name}`)));
}

/** The validator's three keys. */
export const VALIDATOR = {
  log: testSigner("log"),
  cosigner: testSigner("cosigner"),
  archive: testSigner("archive"),
};

/** Genesis of a ledger with one operator and one validator. */
export function testGenesis(origin = ORIGIN): Uint8Array {
  return createGenesis({
    origin,
    time: GENESIS_TIME,
    operators: [{ name: "operator", key: testSigner("operator").publicKey }],
    archivists: [{ name: "v1", key: testSigner("archivist").publicKey }],
    validators: [
      {
        name: "v1",
        log: VALIDATOR.log.publicKey,
        cosigner: VALIDATOR.cosigner.publicKey,
        archive: VALIDATOR.archive.publicKey,
      },
    ],
    policy: { "retention.access-days": [{ from: 0, value: 30, citation: "GRS 5.6 item 170" }] },
  });
}

/** Signs transactions; the sequence number of each key counts up by itself unless given. */
export class LedgerCast {
  readonly #sequences = new Map<Signer, number>();
  readonly operator = testSigner("operator");
  readonly archivist = testSigner("archivist");

  sign(
    signer: Signer,
    kind: string,
    body: Encodable,
    sequence = this.next(signer),
    ledger = ORIGIN,
  ): Uint8Array {
    return buildTransaction({ ledger, kind, sequence, body, signer });
  }

  next(signer: Signer): number {
    const sequence = (this.#sequences.get(signer) ?? 0) + 1;
    this.#sequences.set(signer, sequence);
    return sequence;
  }

  building(id: string, facts: Record<string, Encodable> = {}): Uint8Array {
    const body = {
      building: id,
      name: `Building ${id}`,
      zone: "America/New_York",
      grossFt2: 100_000,
      ...facts,
    };
    return this.sign(this.operator, "building.register", body);
  }

  gateway(id: string, building: string, changes: Record<string, Encodable> = {}): Uint8Array {
    const key = testSigner(`gateway ${id}`).publicKey;
    const logKey = testSigner(`gateway log ${id}`).publicKey;
    return this.sign(this.operator, "gateway.enrol", {
      gateway: id,
      building,
      key,
      logKey,
      ...changes,
    });
  }

  device(id: string, building: string, changes: Record<string, Encodable> = {}): Uint8Array {
    return this.sign(this.operator, "device.enrol", {
      device: id,
      building,
      place: `${building}/floor-1`,
      urn: `urn:dev:os:32473-${id}`,
      key: testSigner(`device ${id}`).publicKey,
      points: [
        {
          name: "energy",
          unit: "J",
          kind: "counter",
          interval: 900,
          brick: "Building_Electrical_Meter",
        },
      ],
      ...changes,
    });
  }

  places(building: string, ...places: readonly Encodable[]): Uint8Array {
    return this.sign(this.operator, "place.register", { building, places });
  }

  policy(name: string, from: number, value: Encodable, citation = "GRS 5.6"): Uint8Array {
    return this.sign(this.operator, "policy.set", { name, from, value, citation });
  }

  hold(hold: string, building: string, changes: Record<string, Encodable> = {}): Uint8Array {
    const body = { hold, building, from: "2026-01-01", to: "2026-01-31", reason: "case 7" };
    return this.sign(this.operator, "hold.place", { ...body, ...changes });
  }

  release(hold: string): Uint8Array {
    return this.sign(this.operator, "hold.release", { hold });
  }

  /** Of entry 1 of `gw-1`, under a policy from 0. */
  disposition(changes: Record<string, Encodable> = {}, by: Signer = this.archivist): Uint8Array {
    const facts: Disposition = {
      building: "b1",
      day: "2025-11-01",
      gateway: "gw-1",
      entries: [1, 1],
      count: 1,
      bodies: sha256(utf8("bodies")),
      persons: 1,
      from: 0,
      citation: "GRS 5.6",
    };
    const body = dispositionBody(facts) as Record<string, Encodable>;
    return this.sign(by, "disposition", { ...body, ...changes });
  }

  rotate(from: Signer, to: Signer, by: Signer = this.operator): Uint8Array {
    const kid = keyThumbprint(from.publicKey);
    const proof = to.sign(rotationMessage(kid, to.publicKey));
    return this.sign(by, "key.rotate", { kid, key: to.publicKey, proof });
  }

  revoke(key: Signer): Uint8Array {
    return this.sign(this.operator, "key.revoke", {
      kid: keyThumbprint(key.publicKey),
      reason: "lost",
    });
  }

  equivocation(
    gateway: string,
    first: string,
    second: string,
    by: Signer = this.operator,
  ): Uint8Array {
    return this.sign(by, "equivocation", { gateway, notes: [first, second] });
  }
}

/** A gateway's log, kept whole in memory: appends leaves and anchors them. */
export class GatewayTwin {
  readonly id: string;
  readonly signer: Signer;
  readonly logSigner: Signer;
  readonly #nodes = new Map<string, Hash32>();
  readonly #range = new CompactRange();
  #anchored = 0;

  constructor(id: string) {
    this.id = id;
    this.signer = testSigner(`gateway ${id}`);
    this.logSigner = testSigner(`gateway log ${id}`);
  }

  get origin(): string {
    return `${ORIGIN}/gw/${this.id}`;
  }

  get size(): number {
    return this.#range.size;
  }

  append(...entries: readonly string[]): this {
    for (const entry of entries) {
      this.#range.append(leafHash(utf8(entry)), (level, index, hash) =>
        this.#nodes.set(`${level}/${index}`, hash),
      );
    }
    return this;
  }

  /** The log's present checkpoint, signed. */
  note(signer = this.logSigner, origin = this.origin): string {
    return signCheckpoint({ origin, size: this.#range.size, root: this.#range.root() }, signer);
  }

  proof(from = this.#anchored): Hash32[] {
    if (from === 0) return [];
    return consistencyProof(
      from,
      this.#range.size,
      (level, index) => this.#nodes.get(`${level}/${index}`)!,
    );
  }

  /** A signed anchor of the present size, which the next one then builds on. */
  anchor(changes: Record<string, Encodable> = {}, sequence = this.#range.size): Uint8Array {
    const body = { gateway: this.id, checkpoint: this.note(), proof: this.proof(), ...changes };
    this.#anchored = this.#range.size;
    return buildTransaction({
      ledger: ORIGIN,
      kind: "anchor",
      sequence,
      body,
      signer: this.signer,
    });
  }
}
