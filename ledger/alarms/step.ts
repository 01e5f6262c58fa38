// What one ledger entry brings to the alarms: read from the read model in ledger order, at most one page at a time (D10).

import { decodeEffects } from "@muniment/core";
import type { PointRecord, Registry } from "../read-model/registry.ts";
import { FLAG } from "../read-model/schema.ts";
import type { LedgerSource } from "../read-model/sources.ts";
import { counts, STANDINGS, type Standing } from "../read-model/standing.ts";
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
  /** Whether the device had no clock: `t` is counted from when the ledger had it. */
  readonly clockless: boolean;
  readonly gateway: string;
  readonly index: number;
}

/** Ledger entries, and entries of gateways, that one page may hold; one ledger entry is never cut. */
const ledgerEntriesMax = 1_000;
const entriesMax = 5_000;
/** More points than this are not named in a query: what is not wanted is dropped after it. */
const pointsNamedMax = 500;

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
    SELECT ledger, gateway, signer, standing, count(*) AS n, max(time) AS newest, min(idx) AS first, max(idx) AS last FROM entries
    WHERE ledger >= ${from} AND ledger < ${until} GROUP BY ALL ORDER BY ledger, gateway, signer, standing`);
  const end = cut(entries, from, until);
  const transactions = await store.query(
    `SELECT idx, time, kind FROM transactions WHERE idx >= ${from} AND idx < ${end} ORDER BY idx`,
  );
  const names = namesOf(registry);
  const byLedger = groupBy(entries, ({ ledger }) => Number(ledger));
  const runs = runsOf(entries.filter(({ ledger: index }) => Number(index) < end));
  const readings = groupBy(
    await readReadings(store, registry, names, runs, wanted),
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
      delivered: deliveredIn(own, names, Number(time)),
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

function deliveredIn(
  entries: readonly Row[],
  { gateways }: Names,
  time: number,
): Step["delivered"] {
  return [...groupBy(entries, ({ gateway }) => Number(gateway))].map(([no, own]) => {
    const standingOf = (row: Row): Standing => STANDINGS[Number(row.standing)]!;
    const counted = own.filter((row) => counts(standingOf(row)));
    const refused = own.filter((row) => !counts(standingOf(row)) && standingOf(row) !== "genesis");
    const last = (rows: readonly Row[]): number =>
      rows.reduce((most, row) => Math.max(most, Number(row.last)), -1);
    // A device without a clock says nothing of when it spoke; what is known is that it was delivered now.
    const issued = counted.map(({ newest }) => (newest === null ? time : Number(newest)));
    return {
      gateway: gateways.get(no)!,
      newest: issued.length === 0 ? null : Math.max(...issued),
      index: last(own),
      refused: refused.reduce((sum, { n }) => sum + Number(n), 0),
      refusedIndex: refused.length === 0 ? null : last(refused),
    };
  });
}

/** What one ledger entry anchored of a gateway's log: entries [first, last]. */
interface Run {
  readonly ledger: number;
  readonly gateway: number;
  readonly first: number;
  readonly last: number;
}

function runsOf(entries: readonly Row[]): readonly Run[] {
  const byRun = groupBy(entries, ({ ledger, gateway }) => `${ledger}/${gateway}`);
  return [...byRun.values()].map((own) => ({
    ledger: Number(own[0]!.ledger),
    gateway: Number(own[0]!.gateway),
    first: Math.min(...own.map(({ first }) => Number(first))),
    last: Math.max(...own.map(({ last }) => Number(last))),
  }));
}

/** The readings of runs, gateway by gateway: so the database finds them by their place instead of looking through all. */
async function readReadings(
  store: Store,
  registry: Registry,
  { gateways }: Names,
  runs: readonly Run[],
  wanted: (point: PointRecord) => boolean,
): Promise<readonly (StepReading & { readonly ledger: number })[]> {
  const points = new Map(
    [...registry.points.values()].filter(wanted).map((point) => [point.no, point]),
  );
  if (points.size === 0) return [];
  const named =
    points.size > pointsNamedMax ? "" : `AND point IN (${[...points.keys()].join(", ")})`;
  const readings: (StepReading & { readonly ledger: number })[] = [];
  for (const [gateway, own] of groupBy(runs, (run) => run.gateway)) {
    const rows = await store.query(`
      SELECT point, t, v, idx, flags FROM samples
      WHERE gateway = ${gateway} AND idx >= ${own[0]!.first} AND idx <= ${own.at(-1)!.last} ${named} ORDER BY idx, rowid`);
    let at = 0;
    for (const row of rows) {
      const point = points.get(Number(row.point));
      const index = Number(row.idx);
      while (index > own[at]!.last) at += 1;
      if (point === undefined) continue;
      readings.push({
        ledger: own[at]!.ledger,
        point,
        t: Number(row.t),
        v: Number(row.v),
        clockless: (Number(row.flags) & FLAG.clockless) !== 0,
        gateway: gateways.get(gateway)!,
        index,
      });
    }
  }
  return readings;
}

async function enrolledBy(ledger: LedgerSource, index: number): Promise<readonly string[]> {
  const entry = await ledger.entry(index);
  if (entry === null || entry.effects.length === 0) return [];
  return decodeEffects(entry.effects).flatMap(([key, value]) => {
    const found = value === null ? null : /^(?:device|gateway)\/(.+)$/.exec(key);
    return found === null ? [] : [found[1]!];
  });
}
