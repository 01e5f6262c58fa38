// Tables as Parquet, written by a DuckDB of its own that can reach one private folder and nothing else.

import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import type { Cell, Column, Table } from "./table.ts";

/** Memory of the writing DuckDB; what does not fit lies in its private folder. */
const memoryMbMax = 256;
/** Rows in a data chunk: DuckDB's vector size. */
const chunkRowsMax = 2_048;

const TYPES: Readonly<Record<Column["type"], DuckDBType>> = {
  instant: TIMESTAMPTZ,
  civil: TIMESTAMP,
  text: VARCHAR,
  number: DOUBLE,
  whole: BIGINT,
  truth: BOOLEAN,
};

/**
 * The bytes of a Parquet file (zstd) with the table's rows in order and its facts as key-value metadata. Instants are
 * UTC-adjusted microseconds, civil times have no zone, whole numbers are 64-bit integers.
 */
export async function* parquetOf(table: Table): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-export-"));
  try {
    const file = join(folder, "table.parquet");
    const instance = await DuckDBInstance.create(join(folder, "rows.duckdb"), {
      memory_limit: `${memoryMbMax}MB`,
      threads: "1",
      temp_directory: folder,
    });
    try {
      const connection = await instance.connect();
      // The read model's own instance can open no file at all; this one opens those of its folder, and that is final.
      await connection.run(`SET allowed_directories = [${literal(folder)}]`);
      await connection.run("SET enable_external_access = false");
      await connection.run("SET lock_configuration = true");
      await fill(connection, table);
      await connection.run(
        `COPY rows TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${metadata(table)}})`,
      );
      connection.closeSync();
    } finally {
      instance.closeSync();
    }
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(connection: DuckDBConnection, table: Table): Promise<void> {
  const { columns } = table;
  const types = columns.map(({ type }) => TYPES[type]);
  await connection.run(
    `CREATE TABLE rows (${columns.map(({ name }, i) => `"${name}" ${types[i]}`).join(", ")})`,
  );
  const appender = await connection.createAppender("rows");
  for await (const rows of table.rows()) {
    for (let from = 0; from < rows.length; from += chunkRowsMax) {
      const part = rows.slice(from, from + chunkRowsMax);
      const chunk = DuckDBDataChunk.create(types, part.length);
      columns.forEach(({ type }, c) => {
        chunk.setColumnValues(
          c,
          part.map((row) => duckValue(type, row[c] ?? null, table.offsetAt)),
        );
      });
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}

function duckValue(type: Column["type"], cell: Cell, offsetAt: Table["offsetAt"]): DuckDBValue {
  if (typeof cell !== "number") return cell;
  const micros = (ms: number): bigint => BigInt(Math.round(ms)) * 1000n;
  if (type === "instant") return new DuckDBTimestampTZValue(micros(cell));
  if (type === "civil") return new DuckDBTimestampValue(micros(cell + offsetAt(cell)));
  return type === "whole" ? BigInt(cell) : cell;
}

function metadata({ facts }: Table): string {
  return Object.entries(facts)
    .map(([name, value]) => `"${name}": ${literal(value)}`)
    .join(", ");
}

/** A string as SQL writes it. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
