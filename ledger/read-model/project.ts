// From ledger entries and the entries they anchor to rows: pure, in ledger order (D10; architecture, life of a reading 9).

import {
  type Cbor,
  type CborMap,
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
import type { DeviceSays } from "./device-says.ts";
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

/** Who came, by the body of one access event: tags of the day, one for each person. */
export interface Visit {
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  readonly persons: readonly number[];
}

/** A run of entries that a ledger entry anchored: [from, from + entries.length) of the gateway's log. */
export interface AnchoredRun {
  readonly gateway: string;
  readonly from: number;
  readonly entries: readonly Uint8Array[];
  /** In the order of the entries; null where an entry is no statement. */
  readonly examined: readonly (Examined | null)[];
  /** What the bodies tell that are still kept, by position. */
  readonly visits: ReadonlyMap<number, Visit>;
}

const DISPOSITION = /^disposition\/([^/]+)\/([^/]+)$/;

/** Adds the row of the transaction itself, and what it says of a day whose bodies are destroyed. */
export function projectTransaction(step: LedgerStep, registry: Registry, rows: Rows): void {
  if (step.transaction === null) return;
  for (const [key, value] of step.effects) {
    const [, building, date] = DISPOSITION.exec(key) ?? [];
    if (building === undefined || date === undefined || value === null) continue;
    const persons = (decode(value) as CborMap).get("persons");
    rows.dispositions.push({
      ...{ building, date, ledger: step.index },
      persons: typeof persons === "number" ? persons : null,
    });
  }
  const { kid, ...transaction } = step.transaction;
  rows.transactions.push({ ...transaction, by: registry.keys.get(kid)?.subject ?? kid });
}

/** Adds the rows of an anchored run, judging each entry against the registry and all that was counted before. */
export function projectRun(
  step: LedgerStep,
  run: AnchoredRun,
  registry: Registry,
  judge: Judge,
  says: DeviceSays,
  rows: Rows,
): void {
  const gateway = registry.gateways.get(run.gateway);
  if (gateway === undefined)
    throw new Error(`ledger entry ${step.index} anchors unknown gateway ${run.gateway}`);
  const clocklessAfter = countClocklessAfter(run.examined);
  run.entries.forEach((entry, i) => {
    const index = run.from + i;
    const examined = run.examined[i] ?? null;
    const signer = examined === null ? null : registry.signer(examined.kid);
    const device = signer?.deviceRecord ?? null;
    const claim =
      signer === null || examined === null
        ? null
        : { signer: signer.record.no, sequence: examined.sequence };
    const samples = pointsOf(examined?.samples ?? [], device);
    const standing = standingOf({
      genesis: index === 0 && isGatewayGenesis(entry, gateway, registry.keys),
      statement:
        examined === null
          ? null
          : {
              ...{ iss: examined.iss, sub: examined.sub, signed: examined.signed === true },
              issuedAt: examined.clockless ? null : examined.issuedAt,
            },
      building: gateway.building,
      signer,
      sequence:
        claim === null || examined?.signed !== true ? "next" : judge.verdict(claim, examined.hash),
      pointsKnown: samples !== null,
    });
    rows.entries.push({
      gateway: gateway.no,
      index,
      ledger: step.index,
      signer: claim?.signer ?? 0,
      sequence: examined?.sequence ?? null,
      standing,
      time: examined === null || examined.clockless ? null : examined.issuedAt * 1000,
    });
    if (!counts(standing) || claim === null || examined === null || samples === null) return;
    judge.count(claim, examined.hash);
    const { id } = device!;
    const { clockless } = examined;
    // Of the statements without a clock under one anchor each gets a time of its own, in the order of the log (FORMAT 1.3).
    const now = clockless ? says.clocklessAt(id, step.time - clocklessAfter[i]!) : 0;
    says.hear({
      ...{ device: id, ...claim, gateway: gateway.no, index, clockless, says: examined.says },
      t: clockless ? now : Math.min(examined.issuedAt * 1000, step.time),
    });
    const visit = run.visits.get(i);
    for (const person of visit?.persons ?? [])
      rows.persons.push({
        ...{ building: gateway.building, date: visit!.date },
        ...{ person, ledger: step.index },
      });
    const flags = (standing === "late" ? FLAG.late : 0) | (clockless ? FLAG.clockless : 0);
    for (const { point, t, v } of samples) {
      rows.samples.push({
        point,
        t: now + t,
        v,
        gateway: gateway.no,
        index,
        sequence: examined.sequence,
        flags,
      });
    }
  });
}

/** For each entry, how many signed statements without a clock of its key come after it in the run. */
function countClocklessAfter(examined: readonly (Examined | null)[]): readonly number[] {
  const counts = new Map<string, number>();
  return examined
    .toReversed()
    .map((one) => {
      const after = counts.get(one?.kid ?? "") ?? 0;
      if (one?.clockless && one.signed === true) counts.set(one.kid, after + 1);
      return after;
    })
    .toReversed();
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
