// A small ledger in memory, made by core and the machine from fixed seeds: what evidence and logs look like, for the
// verifiers in this folder, the mutation of evidence, and the worked examples of FORMAT.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  addSignature,
  bodiesHash,
  buildAccessEvent,
  buildBirth,
  buildState,
  buildStatement,
  buildTransaction,
  CompactRange,
  cosign,
  type Disposition,
  decodeLedgerEntry,
  dispositionBody,
  type Encodable,
  type EvidenceBundle,
  encode,
  encodeEntries,
  encodeLedgerEntry,
  encodeSign1,
  entriesPath,
  formatTlogProof,
  formatVkey,
  type Hash32,
  keyThumbprint,
  leafHash,
  type ProvenEntry,
  proveConsistency,
  proveInclusion,
  RETENTION_POLICY,
  readEntries,
  runsOf,
  type Signer,
  sha256,
  signCheckpoint,
  signerFromSeed,
  type TileReader,
  tilePath,
  tilesForGrowth,
  toBase64,
  utf8,
} from "@muniment/core";
import {
  cosignerName,
  createGenesis,
  type Genesis,
  genesisPolicy,
  loadGenesis,
} from "../../ledger/genesis.ts";
import { applyBlock } from "../../ledger/machine/apply.ts";
import { genesisEffects } from "../../ledger/machine/genesis-effects.ts";

/** 2026-01-01T00:00:00Z in seconds. */
export const START = 1_767_225_600;
export const ORIGIN = "ledger.muniment.example/demo";
export const GATEWAY_ORIGIN = `${ORIGIN}/gw/gw-1`;
export const DEVICE_URN = "urn:dev:os:32473-room-201";
export const PLACE = "b1/floor-2/room-201";

/** A key of the sample: its seed is SHA-256 of a label, for tests only. */
export function keyOf(label: string): Signer {
  return signerFromSeed(sha256(utf8(label)));
}

/** A tlog-tiles log as files in memory. */
export class LogFiles {
  readonly origin: string;
  readonly #signer: Signer;
  readonly files = new Map<string, Uint8Array>();
  readonly #range = new CompactRange();
  readonly #nodes = new Map<string, Hash32>();
  readonly #entries: Uint8Array[] = [];

  constructor(origin: string, signer: Signer) {
    this.origin = origin;
    this.#signer = signer;
  }

  get vkey(): string {
    return formatVkey({ name: this.origin, type: 1, publicKey: this.#signer.publicKey });
  }

  get size(): number {
    return this.#range.size;
  }

  get root(): Hash32 {
    return this.#range.root();
  }

  readonly read: TileReader = async (path) => this.files.get(path) ?? null;

  /** Appends entries, writes tiles and bundles, and returns the signed checkpoint. */
  append(entries: readonly Uint8Array[]): string {
    const old = this.size;
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#range.append(leafHash(entry), (level, index, hash) =>
        this.#nodes.set(`${level}/${index}`, hash),
      );
    }
    for (const { level, index, width } of tilesForGrowth(old, this.size)) {
      const tile = new Uint8Array(32 * width);
      for (let i = 0; i < width; i++)
        tile.set(this.#nodes.get(`${8 * level}/${256 * index + i}`)!, 32 * i);
      this.files.set(tilePath(level, index, width), tile);
      if (level === 0) {
        this.files.set(
          entriesPath(index, width),
          encodeEntries(this.#entries.slice(256 * index, 256 * index + width)),
        );
      }
    }
    const note = signCheckpoint(
      { origin: this.origin, size: this.size, root: this.#range.root() },
      this.#signer,
    );
    this.files.set(`checkpoint.${this.size}`, utf8(note));
    this.files.set("checkpoint", utf8(note));
    return note;
  }

  /** Writes every file below a folder. */
  writeTo(folder: string): void {
    for (const [path, bytes] of this.files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
  }
}

/** One reading of the sample's device; the time is its sequence number in minutes after START. */
export function readingStatement(
  sequence: number,
  signer = keyOf("muniment sample device"),
): Uint8Array {
  const time = START + 60 * sequence;
  return buildStatement({
    signer,
    iss: DEVICE_URN,
    sub: PLACE,
    issuedAt: time,
    sequence,
    records: [
      { name: "temperature", unit: "Cel", value: 21.5, time },
      { name: "energy", unit: "J", value: 3_600_000 * sequence, time },
    ],
  });
}

/** The sample's device declares two of its points. */
export function birthStatement(sequence: number): Uint8Array {
  return buildBirth({
    ...sayingAt(sequence, START + 60 * sequence),
    birth: {
      points: [
        { name: "temperature", unit: "Cel", brick: "Zone_Air_Temperature_Sensor" },
        { name: "energy", unit: "J", brick: "Electrical_Energy_Usage_Sensor" },
      ],
      boot: "start 17, version 1.2.0",
    },
  });
}

/** The sample's device says how it does. */
export function stateStatement(sequence: number): Uint8Array {
  return buildState({
    ...sayingAt(sequence, START + 60 * sequence),
    state: { state: "ready", clock: "synced", uptime: 86_400, battery: 87.5, resets: 17 },
  });
}

/** Two readings of the sample's device from a time when it had no clock: of a minute ago, and of now. */
export function clocklessStatement(sequence: number): Uint8Array {
  return buildStatement({
    ...sayingAt(sequence, 0),
    records: [-60, 0].map((time) => ({
      name: "temperature",
      unit: "Cel",
      value: time === 0 ? 21.5 : 21,
      time,
    })),
  });
}

function sayingAt(sequence: number, issuedAt: number) {
  const signer = keyOf("muniment sample device");
  return { signer, iss: DEVICE_URN, sub: PLACE, issuedAt, sequence };
}

/** One door event of the sample's device. */
export function accessStatement(sequence: number): {
  readonly statement: Uint8Array;
  readonly body: Uint8Array;
} {
  const time = START + 60 * sequence;
  return buildAccessEvent({
    signer: keyOf("muniment sample device"),
    iss: DEVICE_URN,
    sub: PLACE,
    issuedAt: time,
    sequence,
    records: [
      { name: "door", value: true, time },
      { name: "credential", value: sha256(utf8("muniment sample credential")).slice(0, 16), time },
    ],
    salt: sha256(utf8("muniment sample salt")).slice(0, 16),
  });
}

/** That the body of door event 20 is destroyed, which is entry 20 of the gateway's log. */
export function sampleDisposition(): Disposition {
  return {
    ...{ building: "b1", day: "2026-01-01", gateway: "gw-1", from: START * 1000 },
    ...{ citation: "GRS 5.6", entries: runsOf([20]), count: 1, persons: 1 },
    bodies: bodiesHash([sha256(accessStatement(20).body)]),
  };
}

/** The gateway's own leaf 0 (FORMAT 3). */
export function gatewayGenesis(): Uint8Array {
  const signer = keyOf("muniment sample gateway");
  const payload = encode({
    gateway: "gw-1",
    building: "b1",
    key: signer.publicKey,
    logKey: keyOf("muniment sample gateway log").publicKey,
    origin: GATEWAY_ORIGIN,
  });
  const header = new Map<number, Encodable>([
    [3, "application/vnd.muniment.gateway-genesis+cbor"],
    [4, keyThumbprint(signer.publicKey)],
  ]);
  return encodeSign1({ header, payload, signer });
}

/** The genesis document of the sample's ledger, with that many validators. */
export function sampleGenesis(validators: number): Genesis {
  return {
    origin: ORIGIN,
    time: START * 1000,
    operators: [{ name: "operator", key: keyOf("muniment sample operator").publicKey }],
    validators: Array.from({ length: validators }, (_, i) => ({
      name: `v${i + 1}`,
      log: keyOf(`muniment sample validator ${i + 1} log`).publicKey,
      cosigner: keyOf(`muniment sample validator ${i + 1} cosigner`).publicKey,
      archive: keyOf(`muniment sample validator ${i + 1} archive`).publicKey,
    })),
    policy: {},
  };
}

export interface SampleLedger {
  readonly policy: string;
  readonly genesis: Uint8Array;
  readonly gatewayLog: LogFiles;
  readonly ledgerLog: LogFiles;
  /** The ledger's newest checkpoint, with its cosignatures. */
  readonly checkpoint: string;
  /** Transactions by kind, as they were accepted. */
  readonly transactions: ReadonlyMap<string, Uint8Array>;
  /** Ledger entries and their effects, leaf 0 included. */
  readonly leaves: readonly { readonly leaf: Uint8Array; readonly effects: Uint8Array }[];
  /** The evidence of an entry of the gateway's log; entries 1 to 19 are readings, 20 is an access event. */
  evidence(index: number, body?: Uint8Array): Promise<EvidenceBundle>;
}

/** What somebody with the power to do so has faked: a gateway a reading of the device, the ledger an anchor of the gateway. */
export type Forgery = "reading 7" | "anchor";

/** A signer that names one key and signs with another. */
function forger(named: Signer): Signer {
  return { publicKey: named.publicKey, sign: keyOf("muniment sample forger").sign };
}

/** Enrols a building, a gateway and a device, logs 20 statements, anchors them, and has the ledger cosigned. `instead`: other
 * statements in the place of readings, by their entry. `disposed`: and two days later the body of entry 20 is destroyed. */
export async function sampleLedger(
  validators = 4,
  forgery?: Forgery,
  instead: ReadonlyMap<number, Uint8Array> = new Map(),
  disposed = false,
): Promise<SampleLedger> {
  const document = sampleGenesis(validators);
  const genesis = createGenesis(document);
  const policy = genesisPolicy(loadGenesis(genesis));
  const state = new Map<string, Uint8Array>();
  const store = (writes: readonly (readonly [string, Uint8Array | null])[]): void => {
    for (const [key, value] of writes) value === null ? state.delete(key) : state.set(key, value);
  };
  store(genesisEffects(document));
  const leaves: { leaf: Uint8Array; effects: Uint8Array }[] = [
    { leaf: genesis, effects: new Uint8Array(0) },
  ];
  const transactions = new Map<string, Uint8Array>();
  let later = 0;
  const submit = (kind: string, sequence: number, body: Encodable, signer: Signer): number => {
    const transaction = buildTransaction({ ledger: ORIGIN, kind, sequence, body, signer });
    const height = leaves.length;
    const block = {
      height,
      time: (START + later + 3600 * height) * 1000,
      size: leaves.length,
      transactions: [transaction],
    };
    const applied = applyBlock((key) => state.get(key), block);
    const result = applied.results[0]!;
    if (!result.ok) throw new Error(`${kind} was refused: ${result.code}: ${result.message}`);
    store(applied.writes);
    leaves.push(...applied.leaves);
    transactions.set(kind, transaction);
    return result.index;
  };

  const operator = keyOf("muniment sample operator");
  const gateway = keyOf("muniment sample gateway");
  const gatewayLogKey = keyOf("muniment sample gateway log");
  const device = keyOf("muniment sample device");
  submit(
    "building.register",
    1,
    { building: "b1", name: "Sample House", zone: "Europe/London" },
    operator,
  );
  const gatewayEntry = submit(
    "gateway.enrol",
    2,
    { gateway: "gw-1", building: "b1", key: gateway.publicKey, logKey: gatewayLogKey.publicKey },
    operator,
  );
  const points = [
    { name: "temperature", unit: "Cel", kind: "gauge" },
    { name: "energy", unit: "J", kind: "counter", interval: 60 },
    { name: "door", unit: "count", kind: "event" },
  ];
  const deviceEntry = submit(
    "device.enrol",
    3,
    {
      device: "room-201",
      building: "b1",
      place: PLACE,
      urn: DEVICE_URN,
      key: device.publicKey,
      points,
    },
    operator,
  );

  const gatewayLog = new LogFiles(GATEWAY_ORIGIN, gatewayLogKey);
  const statements = Array.from(
    { length: 19 },
    (_, i) => instead.get(i + 1) ?? readingStatement(i + 1),
  );
  if (forgery === "reading 7") statements[6] = readingStatement(7, forger(device));
  const access = accessStatement(20);
  const first = gatewayLog.append([gatewayGenesis(), ...statements.slice(0, 9)]);
  submit("anchor", 10, { gateway: "gw-1", checkpoint: first, proof: [] }, gateway);
  const note = gatewayLog.append([...statements.slice(9), access.statement]);
  const proof = await proveConsistency(10, gatewayLog.size, gatewayLog.read);
  const anchorEntry = submit(
    "anchor",
    gatewayLog.size,
    { gateway: "gw-1", checkpoint: note, proof },
    gateway,
  );
  if (forgery === "anchor") {
    // The machine would refuse it, so whoever holds the quorum's keys writes the entry without the machine.
    const body = { gateway: "gw-1", checkpoint: note, proof };
    const transaction = buildTransaction({
      ledger: ORIGIN,
      kind: "anchor",
      sequence: gatewayLog.size,
      body,
      signer: forger(gateway),
    });
    const { leaf, effects } = leaves[anchorEntry]!;
    leaves[anchorEntry] = {
      leaf: encodeLedgerEntry({ ...decodeLedgerEntry(leaf), transaction }),
      effects,
    };
  }

  let dispositionEntry: number | null = null;
  if (disposed) {
    later = 2 * 86_400;
    const { from, citation } = sampleDisposition();
    submit(
      "policy.set",
      4,
      { name: RETENTION_POLICY, from, value: { days: 1 }, citation },
      operator,
    );
    const body = dispositionBody(sampleDisposition());
    dispositionEntry = submit("disposition", 5, body, operator);
  }

  const ledgerLog = new LogFiles(ORIGIN, keyOf("muniment sample validator 1 log"));
  let checkpoint = ledgerLog.append(leaves.map(({ leaf }) => leaf));
  const needed = Math.floor((2 * validators) / 3) + 1;
  for (let i = 1; i <= needed; i++) {
    const signer = keyOf(`muniment sample validator ${i} cosigner`);
    checkpoint = addSignature(
      checkpoint,
      cosign(checkpoint, {
        name: cosignerName(ORIGIN, `v${i}`),
        signer,
        time: START + later + 86_400 + i,
      }),
    );
  }

  const proven = async (index: number): Promise<ProvenEntry> => ({
    entry: toBase64(leaves[index]!.leaf),
    effects: toBase64(leaves[index]!.effects),
    proof: formatTlogProof({
      index,
      proof: await proveInclusion(index, ledgerLog.size, ledgerLog.read),
      checkpoint,
    }),
  });
  return {
    policy,
    genesis,
    gatewayLog,
    ledgerLog,
    checkpoint,
    transactions,
    leaves,
    async evidence(index, body) {
      const [statement] = await readEntries(index, index + 1, gatewayLog.size, gatewayLog.read);
      const path = await proveInclusion(index, gatewayLog.size, gatewayLog.read);
      return {
        format: "muniment-evidence/1",
        statement: toBase64(statement!),
        ...(body === undefined ? {} : { body: toBase64(body) }),
        ...(index === 20 && dispositionEntry !== null
          ? { disposition: await proven(dispositionEntry) }
          : {}),
        gatewayProof: formatTlogProof({ index, proof: path, checkpoint: note }),
        anchor: await proven(anchorEntry),
        gatewayKey: await proven(gatewayEntry),
        deviceKey: await proven(deviceEntry),
        policy,
      };
    },
  };
}
