// What can be taken out of the ledger's read model, in which file format, and what the file is called.

import { QueryError } from "../read-model/errors.ts";
import { checkPeriod, iso, type Period } from "../read-model/period.ts";
import type { ReadModel } from "../read-model/read-model.ts";
import type { BuildingRecord, PointRecord } from "../read-model/registry.ts";
import type { Step } from "../read-model/steps.ts";
import { brickTurtle } from "./brick/turtle.ts";
import { completenessTable } from "./completeness-table.ts";
import { csvOf } from "./csv.ts";
import { energyTable, occupancyTable } from "./figures-table.ts";
import { greenButtonFeed } from "./green-button/feed.ts";
import { exportedMeters } from "./meters.ts";
import { parquetOf } from "./parquet.ts";
import { readingsTable } from "./readings-table.ts";
import type { Scope } from "./scope.ts";
import { snapshotOf } from "./snapshot.ts";
import type { Table } from "./table.ts";

export const EXPORT_FORMATS = ["csv", "parquet", "greenbutton", "brick"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What a CSV or Parquet file holds. */
export const EXPORT_TABLES = ["readings", "energy", "occupancy", "completeness"] as const;
export type ExportTable = (typeof EXPORT_TABLES)[number];

const FILES: Readonly<Record<ExportFormat, { readonly mediaType: string; readonly end: string }>> =
  {
    csv: { mediaType: "text/csv; charset=utf-8; header=present", end: "csv" },
    parquet: { mediaType: "application/vnd.apache.parquet", end: "parquet" },
    greenbutton: { mediaType: "application/atom+xml; charset=utf-8", end: "xml" },
    brick: { mediaType: "text/turtle; charset=utf-8", end: "ttl" },
  };

export interface ExportRequest {
  readonly building: BuildingRecord;
  /** Name of the ledger's log. */
  readonly origin: string;
  readonly format: ExportFormat;
  readonly table: ExportTable;
  /** Of energy and occupancy. */
  readonly step: Step;
  readonly period: Period;
  /** Points by id; null for all that the format is about. */
  readonly points: readonly string[] | null;
}

export interface Export {
  readonly mediaType: string;
  readonly fileName: string;
  /** Facts about the whole, for who reads only the head. */
  readonly facts: Readonly<Record<string, string>>;
  /** The file, made while it is read: what is held in memory does not grow with the period. */
  readonly chunks: AsyncIterable<string | Uint8Array>;
}

/**
 * Whether what is asked for shows single readings. Figures of a day or longer and the model of the building are what the pages
 * show anyway; everything finer is for those who may read entries (formats, "HTTP (ledger node)"; D8).
 */
export function showsReadings({
  format,
  table,
  step,
}: Pick<ExportRequest, "format" | "table" | "step">): boolean {
  if (format === "brick") return false;
  if (format === "greenbutton" || table === "readings") return true;
  return table !== "completeness" && step !== "P1D" && step !== "P1M";
}

/** Prepares a file; nothing is read before its first chunk is. Errors: `query.unknown`, `query.period`, `query.range`, `query.format`. */
export async function openExport(readModel: ReadModel, request: ExportRequest): Promise<Export> {
  const { building, origin, format, period } = request;
  checkPeriod(period);
  const registry = readModel.registry();
  const scope: Scope = {
    store: readModel.store,
    registry,
    origin,
    building,
    points: pointsOf([...registry.points.values()], request),
    period,
    snapshot: await snapshotOf(readModel.store),
  };
  const { mediaType, end } = FILES[format];
  const { name, facts, chunks } = contentOf(scope, request);
  return { mediaType, fileName: `${name}.${end}`, facts, chunks };
}

function pointsOf(
  all: readonly PointRecord[],
  { building, points }: ExportRequest,
): readonly PointRecord[] {
  const own = all
    .filter((point) => point.building === building.id)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  if (points === null) return own;
  const missing = points.filter((id) => !own.some((point) => point.id === id));
  if (missing.length > 0)
    throw new QueryError("query.unknown", `${missing.join(", ")} in building ${building.id}`);
  return own.filter(({ id }) => points.includes(id));
}

type Content = Pick<Export, "facts" | "chunks"> & { readonly name: string };

function contentOf(scope: Scope, request: ExportRequest): Content {
  const { building, format, period, points } = request;
  const days = `${iso(period.from).slice(0, 10)}_${iso(period.to).slice(0, 10)}`;
  if (format === "brick")
    return { name: `${building.id}-brick`, facts: {}, chunks: once(() => brickTurtle(scope)) };
  if (format === "greenbutton") {
    const meters = exportedMeters(scope, points !== null);
    return {
      name: `${building.id}-greenbutton-${days}`,
      facts: {},
      chunks: greenButtonFeed(scope, meters),
    };
  }
  const table = tableOf(scope, request);
  return {
    name: `${building.id}-${request.table}-${days}`,
    facts: table.facts,
    chunks: format === "csv" ? csvOf(table) : parquetOf(table),
  };
}

function tableOf(scope: Scope, { table, step }: ExportRequest): Table {
  switch (table) {
    case "readings":
      return readingsTable(scope);
    case "energy":
      return energyTable(scope, step);
    case "occupancy":
      return occupancyTable(scope, step);
    case "completeness":
      return completenessTable(scope);
  }
}

async function* once(make: () => Promise<string>): AsyncGenerator<string> {
  yield await make();
}
