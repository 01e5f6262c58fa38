// What one ledger entry brings to the alarms: read from the read model in ledger order, at most one page at a time (D10).

import { decodeEffects } from "@muniment/core";
import type { PointRecord, Registry } from "../read-model/registry.ts";
import type { LedgerSource } from "../read-model/sources.ts";
import { counts, STANDINGS } from "../read-model/standing.ts";
import type { Row, Store } from "../read-model/store.ts";
import { groupBy } from "./grouping.ts";

/** A ledger entry, as far as alarms are concerned. Times in ms since 1970. */
export interface Step {
  readonly index: number;
  /** Block time. */
  readonly time: number;
  /** Whether it changed the registry. */
  readonly registry: boolean;
  /** Devices and gateways whose facts it wrote. */
  readonly enrolled: readonly string[];
  /** Devices with a statement that counts, each with the newest entry that holds one. */
  readonly heard: readonly {
    readonly device: string;
    readonly gateway: string;
    readonly index: number;
  }[];
  /** What gateways delivered: the newest time of issue among statements that count, and entries that do not. */
  readonly delivered: readonly {
    readonly gateway: string;
    readonly newest: number | null;
    readonly index: number;
    readonly refused: number;
    /** The last entry that does not count; null without any. */
    readonly refusedIndex: number | null;
  }[];
  readonly readings: readonly StepReading[];
}

export interface StepReading {
  readonly point: PointRecord;
  readonly t: number;
  readonly v: number;
  readonly gateway: string;
  readonly index: number;
}

/** Ledger entries, and entries of gateways, that one page may hold; one ledger entry is never cut. */
const ledgerEntriesMax = 1_000;
const entriesMax = 5_000;
/** More points than this are not named in a query: what is not wanted is dropped after it. */
const pointsNamedMax = 500;

/** Standings of entries that are no one's fault: they neither count nor grow a quarantine. */
const BLAMELESS: ReadonlySet<string> = new Set(["genesis", "withheld"]);

/** A page of steps; the next one begins at ledger entry `next`. */
export interface StepPage {
  readonly steps: readonly Step[];
  readonly next: number;
}

export interface StepSources {
  readonly store: Store;
  readonly registry: Registry;
  readonly ledger: LedgerSource;
}

/**
 * Steps of the ledger entries from `from` on, at most up to `to` (exclusive); at least one entry when `from` < `to`. Readings are those
 * of the points that are `wanted`. What was committed never changes, so a page is the same whenever it is read.
 */
export async function readSteps(
  { store, registry, ledger }: StepSources,
  from: number,
  to: number,
  wanted: (point: PointRecord) => boolean,
): Promise<StepPage> {
  const until = Math.min(to, from + ledgerEntriesMax);
  const entries = await store.query(`
    SELECT ledger, gateway, signer, standing, count(*) AS n, max(time) AS newest, max(idx) AS last FROM entries
    WHERE ledger >= ${from} AND ledger < ${until} GROUP BY ALL ORDER BY ledger, gateway, signer, standing`);
  const end = cut(entries, from, until);
  const transactions = await store.query(
    `SELECT idx, time, kind FROM transactions WHERE idx >= ${from} AND idx < ${end} ORDER BY idx`,
  );
  const names = namesOf(registry);
  const byLedger = groupBy(entries, ({ ledger }) => Number(ledger));
  const readings = groupBy(
    await readReadings(store, registry, names, from, end, wanted),
    ({ ledger: index }) => index,
  );
  const steps: Step[] = [];
  for (const { idx, time, kind } of transactions) {
    const index = Number(idx);
    const own = byLedger.get(index) ?? [];
    const isRegistry = kind !== "anchor";
    steps.push({
      index,
      time: Number(time),
      registry: isRegistry,
      enrolled: isRegistry ? await enrolledBy(ledger, index) : [],
      heard: heardIn(own, names),
      delivered: deliveredIn(own, names),
      readings: readings.get(index) ?? [],
    });
  }
  return { steps, next: end };
}

/** Where the page ends: before the ledger entry that would make it too long. */
function cut(entries: readonly Row[], from: number, until: number): number {
  let total = 0;
  for (const { ledger, n } of entries) {
    total += Number(n);
    if (total > entriesMax && Number(ledger) > from) return Number(ledger);
  }
  return until;
}

interface Names {
  readonly gateways: ReadonlyMap<number, string>;
  /** Devices by the number of a key of theirs. */
  readonly devices: ReadonlyMap<number, string>;
}

function namesOf(registry: Registry): Names {
  return {
    gateways: new Map([...registry.gateways.values()].map(({ no, id }) => [no, id])),
    devices: new Map(
      [...registry.keys.values()]
        .filter(({ role }) => role === "device")
        .map(({ no, subject }) => [no, subject]),
    ),
  };
}

function heardIn(entries: readonly Row[], { gateways, devices }: Names): Step["heard"] {
  const heard = new Map<string, Step["heard"][number]>();
  for (const { gateway, signer, standing, last } of entries) {
    const device = devices.get(Number(signer));
    if (device === undefined || !counts(STANDINGS[Number(standing)]!)) continue;
    const index = Number(last);
    if ((heard.get(device)?.index ?? -1) < index)
      heard.set(device, { device, gateway: gateways.get(Number(gateway))!, index });
  }
  return [...heard.values()];
}

function deliveredIn(entries: readonly Row[], { gateways }: Names): Step["delivered"] {
  return [...groupBy(entries, ({ gateway }) => Number(gateway))].map(([no, own]) => {
    const standingOf = (row: Row): string => STANDINGS[Number(row.standing)] ?? "";
    const counted = own.filter((row) => counts(STANDINGS[Number(row.standing)]!));
    const refused = own.filter((row) => !counted.includes(row) && !BLAMELESS.has(standingOf(row)));
    const last = (rows: readonly Row[]): number =>
      rows.reduce((most, row) => Math.max(most, Number(row.last)), -1);
    return {
      gateway: gateways.get(no)!,
      newest:
        counted.length === 0
          ? null
          : counted.reduce((most, { newest }) => Math.max(most, Number(newest ?? 0)), 0),
      index: last(own),
      refused: refused.reduce((sum, { n }) => sum + Number(n), 0),
      refusedIndex: refused.length === 0 ? null : last(refused),
    };
  });
}

async function readReadings(
  store: Store,
  registry: Registry,
  { gateways }: Names,
  from: number,
  to: number,
  wanted: (point: PointRecord) => boolean,
): Promise<readonly (StepReading & { readonly ledger: number })[]> {
  const points = new Map(
    [...registry.points.values()].filter(wanted).map((point) => [point.no, point]),
  );
  if (points.size === 0) return [];
  const named =
    points.size > pointsNamedMax ? "" : `AND s.point IN (${[...points.keys()].join(", ")})`;
  const rows = await store.query(`
    SELECT e.ledger, s.point, s.t, s.v, s.gateway, s.idx FROM samples s JOIN entries e ON e.gateway = s.gateway AND e.idx = s.idx
    WHERE e.ledger >= ${from} AND e.ledger < ${to} ${named} ORDER BY s.rowid`);
  return rows.flatMap(({ ledger, point: no, t, v, gateway, idx }) => {
    const point = points.get(Number(no));
    if (point === undefined) return [];
    return [
      {
        ledger: Number(ledger),
        point,
        t: Number(t),
        v: Number(v),
        gateway: gateways.get(Number(gateway))!,
        index: Number(idx),
      },
    ];
  });
}

async function enrolledBy(ledger: LedgerSource, index: number): Promise<readonly string[]> {
  const entry = await ledger.entry(index);
  if (entry === null || entry.effects.length === 0) return [];
  return decodeEffects(entry.effects).flatMap(([key, value]) => {
    const found = value === null ? null : /^(?:device|gateway)\/(.+)$/.exec(key);
    return found === null ? [] : [found[1]!];
  });
}
