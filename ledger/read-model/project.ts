// From ledger entries and the entries they anchor to rows: pure, in ledger order (D10; architecture, life of a reading 9).

import {
  type Cbor,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  decodeSign1,
  type Effect,
  equal,
  FormatError,
  HEADER,
  parseTransaction,
  toHex,
  verifySign1,
} from "@muniment/core";
import type { Examined, Sample } from "./examine.ts";
import type { Judge } from "./judge.ts";
import type { DeviceRecord, GatewayRecord, KeyRecord, Registry } from "./registry.ts";
import type { Rows, SampleRow, TransactionRow } from "./rows.ts";
import { FLAG } from "./schema.ts";
import type { SourceEntry } from "./sources.ts";
import { counts, standingOf } from "./standing.ts";

/** A ledger entry as the projection reads it; leaf 0 is the genesis document and has no transaction. */
export interface LedgerStep {
  readonly index: number;
  readonly height: number;
  readonly time: number;
  readonly effects: readonly Effect[];
  readonly transaction: (Omit<TransactionRow, "by"> & { readonly kid: string }) | null;
}

/** Reads a committed entry; what the ledger accepted and we cannot read is a broken invariant and throws. */
export function readStep({ index, leaf, effects }: SourceEntry): LedgerStep {
  if (index === 0) {
    const genesis = decode(leaf);
    const time = genesis instanceof Map ? genesis.get("time") : undefined;
    if (typeof time !== "number") throw new Error("leaf 0 is not a genesis document: no time");
    return { index, height: 0, time, effects: readEffects(effects), transaction: null };
  }
  const entry = decodeLedgerEntry(leaf);
  const { kind, id, kid } = parseTransaction(entry.transaction);
  const { height, time } = entry;
  const transaction = { index, height, time, kind, id: toHex(id), kid: toHex(kid) };
  return { index, height, time, effects: decodeEffects(effects), transaction };
}

function readEffects(effects: Uint8Array): readonly Effect[] {
  return effects.length === 0 ? [] : decodeEffects(effects);
}

/** A run of entries that a ledger entry anchored: [from, from + entries.length) of the gateway's log. */
export interface AnchoredRun {
  readonly gateway: string;
  readonly from: number;
  readonly entries: readonly Uint8Array[];
  /** In the order of the entries; null where an entry is no statement. */
  readonly examined: readonly (Examined | null)[];
  /** Samples of the bodies that were found, by position; null where a body is not the one that was signed. */
  readonly bodies: ReadonlyMap<number, readonly Sample[] | null>;
}

/** Adds the row of the transaction itself. */
export function projectTransaction(step: LedgerStep, registry: Registry, rows: Rows): void {
  if (step.transaction === null) return;
  const { kid, ...transaction } = step.transaction;
  rows.transactions.push({ ...transaction, by: registry.keys.get(kid)?.subject ?? kid });
}

/** Adds the rows of an anchored run, judging each entry against the registry and all that was counted before. */
export function projectRun(
  step: LedgerStep,
  run: AnchoredRun,
  registry: Registry,
  judge: Judge,
  rows: Rows,
): void {
  const gateway = registry.gateways.get(run.gateway);
  if (gateway === undefined)
    throw new Error(`ledger entry ${step.index} anchors unknown gateway ${run.gateway}`);
  run.entries.forEach((entry, i) => {
    const index = run.from + i;
    const examined = run.examined[i] ?? null;
    const signer = examined === null ? null : registry.signer(examined.kid);
    const device = signer?.deviceRecord ?? null;
    const claim =
      signer === null || examined === null
        ? null
        : { signer: signer.record.no, sequence: examined.sequence };
    const body = examined === null ? undefined : run.bodies.get(i);
    const samples = pointsOf(examined?.bodyHash ? (body ?? []) : (examined?.samples ?? []), device);
    const standing = standingOf({
      genesis: index === 0 && isGatewayGenesis(entry, gateway, registry.keys),
      statement: examined === null ? null : { ...examined, signed: examined.signed === true },
      building: gateway.building,
      signer,
      sequence:
        claim === null || examined?.signed !== true ? "next" : judge.verdict(claim, examined.hash),
      body: !examined?.bodyHash
        ? "none"
        : body === undefined
          ? "missing"
          : body === null
            ? "mismatch"
            : "matching",
      pointsKnown: samples !== null,
    });
    rows.entries.push({
      gateway: gateway.no,
      index,
      ledger: step.index,
      signer: claim?.signer ?? 0,
      sequence: examined?.sequence ?? null,
      standing,
      time: examined === null ? null : examined.issuedAt * 1000,
    });
    if (!counts(standing) || claim === null || examined === null || samples === null) return;
    judge.count(claim, examined.hash);
    const flags = standing === "late" ? FLAG.late : 0;
    for (const { point, t, v } of samples) {
      rows.samples.push({
        point,
        t,
        v,
        gateway: gateway.no,
        index,
        sequence: examined.sequence,
        flags,
      });
    }
  });
}

/** The samples under their points' numbers, or null when one names no point of the device or another unit. */
function pointsOf(
  samples: readonly Sample[],
  device: DeviceRecord | null,
): readonly Pick<SampleRow, "point" | "t" | "v">[] | null {
  if (device === null) return null;
  const result: Pick<SampleRow, "point" | "t" | "v">[] = [];
  for (const { name, unit, t, value } of samples) {
    const point = device.points.find((candidate) => candidate.name === name);
    if (point === undefined || (unit !== null && unit !== point.unit)) return null;
    result.push({ point: point.no, t, v: value });
  }
  return result;
}

const GATEWAY_GENESIS_TYPE = "application/vnd.muniment.gateway-genesis+cbor";

/** Whether an entry is the gateway's own statement of itself, signed with a key enrolled for it (F3). */
function isGatewayGenesis(
  entry: Uint8Array,
  gateway: GatewayRecord,
  keys: ReadonlyMap<string, KeyRecord>,
): boolean {
  try {
    const sign1 = decodeSign1(entry);
    if (sign1.header.get(HEADER.contentType) !== GATEWAY_GENESIS_TYPE) return false;
    const kid = sign1.header.get(HEADER.keyId);
    const key = kid instanceof Uint8Array ? keys.get(toHex(kid)) : undefined;
    if (key?.role !== "gateway" || key.subject !== gateway.id) return false;
    const payload: Cbor = decode(sign1.payload);
    if (!(payload instanceof Map) || payload.get("gateway") !== gateway.id) return false;
    const named = payload.get("key");
    return named instanceof Uint8Array && equal(named, key.key) && verifySign1(sign1, key.key);
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
