// A real data set's rows travel the same road as a device's readings, with their own timestamps; blank cells are missing, and are not sent.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { SenmlRecord, Signer } from "@muniment/core";
import { loadOrCreateKey, makeDirectory } from "@muniment/core/files";
import { csvRecords } from "./csv.ts";
import { type DeviceFacts, deviceUrn, type Point } from "./devices.ts";
import { SimulatorError } from "./errors.ts";
import { packRecords } from "./pack.ts";
import { openRegistrar } from "./registrar.ts";
import type { MappedColumn, ReplayMap } from "./replay-map.ts";
import { timeReader } from "./replay-time.ts";
import { acceptedResults, awaitResults } from "./results.ts";
import { openSender, type Saying, type SenderConfig } from "./sender.ts";
import { zone } from "./zone.ts";

export interface ReplayConfig {
  readonly file: string;
  readonly map: ReplayMap;
  readonly data: string;
  readonly mqtt: string;
  /** Ledger node to enrol at, or null when everything is enrolled. */
  readonly ledger: string | null;
  /** Records of one statement. */
  readonly packMax: number;
  /** How long the gateway's word on a statement is waited for, ms. */
  readonly resultMsMax?: number;
  /** Called after enrolment, before the first statement: the gateway must have heard of the new keys. */
  readonly enrolled?: () => Promise<void>;
  readonly onTrouble?: SenderConfig["onTrouble"];
  readonly onProgress?: (rows: number, readings: number) => void;
}

export interface ReplaySummary {
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Rows left out, by code (time.format, time.skipped). */
  readonly rowsRefused: Readonly<Record<string, number>>;
  /** Cells that held no value, and cells that held no number. */
  readonly missing: number;
  readonly notNumbers: number;
  /** Readings that an earlier run had sent already. */
  readonly already: number;
  readonly sent: number;
  readonly statements: number;
  readonly acknowledged: number;
  /** Readings the gateway refused, by its code. */
  readonly refused: Readonly<Record<string, number>>;
}

const rowsPerChunk = 5_000;
/** One statement may span any length of a data set's time. */
const unboundedSpanSeconds = Number.MAX_SAFE_INTEGER;

/** Puts the map's building and devices on the ledger, with keys made on first use. Replay does it too; a gateway can be enrolled only after it. */
export async function enrolMap(map: ReplayMap, data: string, ledger: string): Promise<void> {
  const registrar = await openRegistrar(join(data, "keys", "operator.pem"), ledger);
  const { id, name, zone, grossFt2, usableFt2, address } = map.building;
  await registrar.building({
    building: id,
    name,
    zone,
    ...(grossFt2 === undefined ? {} : { grossFt2 }),
    ...(usableFt2 === undefined ? {} : { usableFt2 }),
    ...(address === undefined ? {} : { address }),
  });
  for (const facts of devicesOfMap(map)) {
    await registrar.device(facts, (await deviceKey(map, data, facts.device)).publicKey);
  }
}

function folderOf(map: ReplayMap, data: string): string {
  return join(data, "replay", map.building.id);
}

function deviceKey(map: ReplayMap, data: string, device: string): Promise<Signer> {
  return loadOrCreateKey(join(folderOf(map, data), `${device}.pem`));
}

/** Sends every value of the file once; run again, it sends only what is newer than what it sent before. */
export async function replay(config: ReplayConfig): Promise<ReplaySummary> {
  const { map, data } = config;
  await makeDirectory(folderOf(map, data));
  if (config.ledger !== null) {
    await enrolMap(map, data, config.ledger);
    await config.enrolled?.();
  }

  const senders = await Promise.all(
    devicesOfMap(map).map(async (facts) => {
      const results = awaitResults(config.resultMsMax);
      const sender = await openSender({
        facts,
        signer: await deviceKey(map, data, facts.device),
        outboxPath: join(folderOf(map, data), `${facts.device}.outbox.json`),
        mqtt: config.mqtt,
        onResult: results.heard,
        ...(config.onTrouble === undefined ? {} : { onTrouble: config.onTrouble }),
      });
      const columns = map.columns.filter(({ device }) => device === facts.device);
      return { sender, results, columns, records: [] as SenmlRecord[], through: sender.through };
    }),
  );

  const summary = {
    rows: 0,
    from: null as string | null,
    to: null as string | null,
    rowsRefused: {} as Record<string, number>,
    missing: 0,
    notNumbers: 0,
    already: 0,
    sent: 0,
    statements: 0,
    acknowledged: 0,
    refused: {} as Record<string, number>,
  };
  const flush = () =>
    Promise.all(
      senders.map(async (one) => {
        const packs = packRecords(one.records.splice(0), unboundedSpanSeconds, config.packMax);
        const sayings: readonly Saying[] = packs.map((records) => ({ kind: "reading", records }));
        const items = await one.sender.send(sayings);
        for (const [index, { sequence }] of items.entries()) {
          const readings = packs[index]?.length ?? 0;
          const result = (await one.results.of(sequence)) ?? "acknowledged";
          summary.statements++;
          summary.sent += readings;
          if (acceptedResults.has(result)) summary.acknowledged += readings;
          else summary.refused[result] = (summary.refused[result] ?? 0) + readings;
        }
      }),
    );

  try {
    await Promise.all(senders.map(({ sender }) => sender.resume()));
    const readTime = timeReader(map.time.format, zone(map.time.zone));
    const missing = new Set(map.missing);
    let header: Header | null = map.header === undefined ? null : readHeader(map.header, map);
    let rowsBefore = map.headerRows;
    for await (const { line, fields } of csvRecords(createReadStream(config.file, "utf8"))) {
      if (rowsBefore > 0) {
        rowsBefore--;
        header ??= rowsBefore === 0 ? readHeader(fields, map) : null;
        continue;
      }
      if (header === null) throw new SimulatorError("csv.format", "expected a header");
      if (fields.length !== header.width) {
        throw new SimulatorError(
          "csv.format",
          `line ${line}: expected ${header.width} fields, got ${fields.length}`,
        );
      }
      summary.rows++;
      const at = readTime(header.time.map((index) => (fields[index] ?? "").trim()).join(" "));
      if (!at.ok) {
        summary.rowsRefused[at.code] = (summary.rowsRefused[at.code] ?? 0) + 1;
        continue;
      }
      const shown = new Date(at.time * 1000).toISOString();
      summary.from ??= shown;
      summary.to = shown;
      for (const one of senders) {
        for (const column of one.columns) {
          const cell = (fields[header.columns.get(column) ?? -1] ?? "").trim();
          if (missing.has(cell)) summary.missing++;
          else if (!Number.isFinite(Number(cell))) summary.notNumbers++;
          else if (at.time <= one.through) summary.already++;
          else one.records.push(recordOf(column, Number(cell), at.time));
        }
      }
      if (summary.rows % rowsPerChunk === 0) {
        await flush();
        config.onProgress?.(summary.rows, summary.sent);
      }
    }
    await flush();
    config.onProgress?.(summary.rows, summary.sent);
  } finally {
    await Promise.all(senders.map(({ sender }) => sender.close()));
  }
  return summary;
}

function recordOf(column: MappedColumn, value: number, time: number): SenmlRecord {
  const scaled = value * column.scale;
  return {
    name: column.point,
    unit: column.unit,
    value: column.integer ? Math.round(scaled) : scaled,
    time,
  };
}

/** The devices that a map's columns make, each with its points. */
export function devicesOfMap(map: ReplayMap): readonly DeviceFacts[] {
  const devices = new Map<string, { place: string; points: Point[] }>();
  for (const column of map.columns) {
    const { device, place = map.building.id, point, unit, kind, interval, brick, label } = column;
    const facts = devices.get(device) ?? { place, points: [] };
    devices.set(device, facts);
    facts.points.push({
      name: point,
      unit,
      kind,
      ...(interval === undefined ? {} : { interval }),
      ...(brick === undefined ? {} : { brick }),
      ...(label === undefined ? {} : { label }),
    });
  }
  return [...devices].map(([device, { place, points }]) => ({
    device,
    building: map.building.id,
    place,
    urn: deviceUrn(device),
    points,
    ...(map.trust === undefined ? {} : { trust: map.trust }),
  }));
}

interface Header {
  readonly width: number;
  /** The columns whose cells, joined by a space, are the time. */
  readonly time: readonly number[];
  readonly columns: ReadonlyMap<MappedColumn, number>;
}

function readHeader(fields: readonly string[], map: ReplayMap): Header {
  const indexOf = (name: string) => {
    const index = fields.indexOf(name);
    if (index < 0) {
      throw new SimulatorError(
        "csv.format",
        `expected a column ${JSON.stringify(name)}, got ${fields.join(", ")}`,
      );
    }
    return index;
  };
  return {
    width: fields.length,
    time: [map.time.column].flat().map(indexOf),
    columns: new Map(map.columns.map((column) => [column, indexOf(column.column)])),
  };
}
