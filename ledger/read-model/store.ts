// The read model's database (D10): one DuckDB file that only this process opens and that may be deleted at any time.

import { rm } from "node:fs/promises";
import {
  BIGINT,
  BLOB,
  blobValue,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  UTINYINT,
  VARCHAR,
} from "@duckdb/node-api";
import type { Claim } from "./judge.ts";
import type { NumberedName, RegistryChanges, RegistryRow } from "./registry.ts";
import { rollUpSql, TOUCHED_TABLE } from "./roll-up.ts";
import type { Rows } from "./rows.ts";
import { hourMs, schemaVersion, TABLES } from "./schema.ts";
import { counts, STANDINGS, type Standing, standingNumber } from "./standing.ts";

/** Memory DuckDB may take before it spills to disk, and the threads it may use. */
const memoryMbDefault = 512;
const threadsDefault = 2;
/** Connections that answer queries side by side. */
const readersMax = 4;
/** Rows in a data chunk: DuckDB's vector size. */
const chunkRowsMax = 2_048;

/** How far the ledger is applied: `next` is the first ledger entry that is not. */
export interface Cursor {
  readonly next: number;
  readonly height: number;
  /** Block time in ms of the last entry applied; 0 before the first. */
  readonly time: number;
}

/** What one transaction of the store adds. */
export interface Batch {
  readonly cursor: Cursor;
  readonly rows: Rows;
  /** What changed in the registry since the last batch. */
  readonly registry: RegistryChanges;
}

/** A row as a query gives it; 64-bit integers have become numbers. */
export type Row = Readonly<Record<string, number | string | boolean | null>>;

export interface StoreOptions {
  /** File path, or ":memory:". */
  readonly path: string;
  /** SHA-256 of the genesis document in hex: another ledger's file is rebuilt. */
  readonly genesis: string;
  readonly memoryMbMax?: number;
  readonly threadsMax?: number;
}

export class Store {
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #readers: readonly DuckDBConnection[];
  readonly #genesis: string;
  #turn = 0;

  private constructor(
    instance: DuckDBInstance,
    writer: DuckDBConnection,
    readers: readonly DuckDBConnection[],
    genesis: string,
  ) {
    this.#instance = instance;
    this.#writer = writer;
    this.#readers = readers;
    this.#genesis = genesis;
  }

  /** Opens the file. One of another version or ledger, or one that cannot be read, is deleted and begun anew. */
  static async open(options: StoreOptions): Promise<Store> {
    try {
      const store = await Store.#connect(options);
      if (await store.#isCurrent()) return store;
      store.close();
    } catch (error) {
      if (options.path === ":memory:" || isLocked(error)) throw error;
    }
    await rm(options.path, { force: true });
    await rm(`${options.path}.wal`, { force: true });
    const store = await Store.#connect(options);
    if (!(await store.#isCurrent()))
      throw new Error(`the read model in ${options.path} cannot be created`);
    return store;
  }

  static async #connect(options: StoreOptions): Promise<Store> {
    const instance = await DuckDBInstance.create(options.path, {
      memory_limit: `${options.memoryMbMax ?? memoryMbDefault}MB`,
      threads: String(options.threadsMax ?? threadsDefault),
      // What was configured here stays: nothing that a query could contain opens a file or a socket.
      enable_external_access: "false",
      lock_configuration: "true",
    });
    const writer = await instance.connect();
    const readers: DuckDBConnection[] = [];
    for (let i = 0; i < readersMax; i += 1) readers.push(await instance.connect());
    await writer.run(TOUCHED_TABLE);
    return new Store(instance, writer, readers, options.genesis);
  }

  async #isCurrent(): Promise<boolean> {
    const [present] = await this.query(
      "SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'cursor'",
    );
    if (present?.n === 0) {
      await this.#writer.run(
        `BEGIN; ${TABLES} INSERT INTO cursor VALUES (${schemaVersion}, '${this.#genesis}', 0, 0, 0); COMMIT;`,
      );
      return true;
    }
    const [cursor] = await this.query("SELECT version, genesis FROM cursor");
    return cursor?.version === schemaVersion && cursor.genesis === this.#genesis;
  }

  async cursor(): Promise<Cursor> {
    const [row] = await this.query("SELECT next, height, time FROM cursor");
    return { next: numberOf(row?.next), height: numberOf(row?.height), time: numberOf(row?.time) };
  }

  async registryRows(): Promise<{
    readonly rows: readonly RegistryRow[];
    readonly names: readonly NumberedName[];
  }> {
    const reader = await this.#reader().runAndReadAll("SELECT key, value, time FROM registry");
    const rows = reader.getRowsJS().map(([key, value, time]) => ({
      key: String(key),
      value: value as Uint8Array,
      time: Number(time),
    }));
    const names = await this.query("SELECT kind, no, name FROM names ORDER BY kind, no");
    return {
      rows,
      names: names.map(({ kind, no, name }) => ({
        kind: kind as NumberedName["kind"],
        no: numberOf(no),
        name: String(name),
      })),
    };
  }

  /** Highest counted sequence number of each signer. */
  async highestSequences(): Promise<ReadonlyMap<number, number>> {
    const rows = await this.query(
      `SELECT signer, max(sequence) AS highest FROM entries WHERE ${COUNTED} GROUP BY signer`,
    );
    return new Map(rows.map(({ signer, highest }) => [numberOf(signer), numberOf(highest)]));
  }

  /** Entries by gateway number and standing. */
  async standings(): Promise<
    readonly { readonly gateway: number; readonly standing: Standing; readonly n: number }[]
  > {
    const rows = await this.query(
      "SELECT gateway, standing, count(*) AS n FROM entries GROUP BY gateway, standing",
    );
    return rows.map(({ gateway, standing, n }) => ({
      gateway: numberOf(gateway),
      standing: STANDINGS[numberOf(standing)]!,
      n: numberOf(n),
    }));
  }

  /** Where the counted statements of these claims stand: gateway number and index. */
  async findCounted(
    wanted: readonly Claim[],
  ): Promise<readonly (Claim & { readonly gateway: number; readonly index: number })[]> {
    const found: (Claim & { gateway: number; index: number })[] = [];
    for (let from = 0; from < wanted.length; from += chunkRowsMax) {
      const values = wanted
        .slice(from, from + chunkRowsMax)
        .map(({ signer, sequence }) => `(${signer}, ${sequence}::BIGINT)`);
      const rows = await this.query(`
        SELECT e.signer, e.sequence, e.gateway, e.idx FROM entries e
        SEMI JOIN (VALUES ${values.join(", ")}) AS wanted (signer, sequence) USING (signer, sequence) WHERE ${COUNTED}`);
      for (const { signer, sequence, gateway, idx } of rows) {
        found.push({
          signer: numberOf(signer),
          sequence: numberOf(sequence),
          gateway: numberOf(gateway),
          index: numberOf(idx),
        });
      }
    }
    return found;
  }

  /** Adds a batch: all of it, with its cursor and the roll-up it changes, or nothing. */
  async write(batch: Batch): Promise<void> {
    const writer = this.#writer;
    await writer.run("BEGIN");
    try {
      await this.#append(batch);
      const { next, height, time } = batch.cursor;
      await writer.run(`UPDATE cursor SET next = ${next}, height = ${height}, time = ${time}`);
      await writer.run("COMMIT");
    } catch (error) {
      await writer.run("ROLLBACK");
      throw error;
    }
    // If we die before COMMIT, the old cursor and the old rows stand together; after it, the new ones.
  }

  async #append({ rows, registry }: Batch): Promise<void> {
    const { names, points } = registry;
    const latest = new Map(registry.rows.map((row) => [row.key, row]));
    for (const { key, value, time } of latest.values()) {
      await this.#writer.run(
        "INSERT OR REPLACE INTO registry VALUES ($1, $2, $3)",
        [key, blobValue(value), BigInt(time)],
        [VARCHAR, BLOB, BIGINT],
      );
    }
    for (const { no, interval, kind, unit } of points) {
      const energy =
        unit === "J" && (kind === "counter" || (kind === "interval" && interval !== null));
      await this.#writer.run(
        `INSERT OR REPLACE INTO points VALUES (${no}, ${interval === null ? "NULL" : Math.round(interval * 1000)}, $1, ${energy})`,
        [kind],
      );
    }
    await this.#appendColumns("names", [VARCHAR, INTEGER, VARCHAR], names.length, [
      (i) => names[i]!.kind,
      (i) => names[i]!.no,
      (i) => names[i]!.name,
    ]);
    const { transactions, entries, samples } = rows;
    await this.#appendColumns(
      "transactions",
      [INTEGER, INTEGER, BIGINT, VARCHAR, VARCHAR, VARCHAR],
      transactions.length,
      [
        (i) => transactions[i]!.index,
        (i) => transactions[i]!.height,
        (i) => BigInt(transactions[i]!.time),
        (i) => transactions[i]!.kind,
        (i) => transactions[i]!.by,
        (i) => transactions[i]!.id,
      ],
    );
    await this.#appendColumns(
      "entries",
      [INTEGER, INTEGER, INTEGER, INTEGER, BIGINT, UTINYINT, BIGINT],
      entries.length,
      [
        (i) => entries[i]!.gateway,
        (i) => entries[i]!.index,
        (i) => entries[i]!.ledger,
        (i) => entries[i]!.signer,
        (i) => bigOrNull(entries[i]!.sequence),
        (i) => standingNumber(entries[i]!.standing),
        (i) => bigOrNull(entries[i]!.time),
      ],
    );
    await this.#appendColumns(
      "samples",
      [INTEGER, BIGINT, DOUBLE, INTEGER, INTEGER, BIGINT, UTINYINT],
      samples.length,
      [
        (i) => samples[i]!.point,
        (i) => BigInt(samples[i]!.t),
        (i) => samples[i]!.v,
        (i) => samples[i]!.gateway,
        (i) => samples[i]!.index,
        (i) => BigInt(samples[i]!.sequence),
        (i) => samples[i]!.flags,
      ],
    );
    await this.#rollUp(rows);
  }

  async #rollUp({ samples }: Rows): Promise<void> {
    if (samples.length === 0) return;
    const hours = new Map<number, Set<number>>();
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const { point, t } of samples) {
      let touched = hours.get(point);
      if (touched === undefined) {
        touched = new Set();
        hours.set(point, touched);
      }
      touched.add(Math.floor(t / hourMs));
      if (t < from) from = t;
      if (t > to) to = t;
    }
    const touched = [...hours].flatMap(([point, set]) => [...set].map((hour) => ({ point, hour })));
    await this.#appendColumns(
      "touched",
      [INTEGER, INTEGER],
      touched.length,
      [(i) => touched[i]!.point, (i) => touched[i]!.hour],
      "temp",
    );
    const firstHour = Math.floor(from / hourMs);
    for (const sql of rollUpSql(firstHour * hourMs, (Math.floor(to / hourMs) + 1) * hourMs))
      await this.#writer.run(sql);
  }

  /** Appends `count` rows in data chunks; each column gives its value at a row. */
  async #appendColumns(
    table: string,
    types: readonly DuckDBType[],
    count: number,
    columns: readonly ((row: number) => DuckDBValue)[],
    catalog: string | null = null,
  ): Promise<void> {
    if (count === 0) return;
    const appender = await this.#writer.createAppender(table, null, catalog);
    for (let from = 0; from < count; from += chunkRowsMax) {
      const rows = Math.min(chunkRowsMax, count - from);
      const chunk = DuckDBDataChunk.create(types, rows);
      columns.forEach((column, c) => {
        chunk.setColumnValues(
          c,
          Array.from({ length: rows }, (_, i) => column(from + i)),
        );
      });
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** Rows of a query on what is committed. `sql` must hold no text from outside: such values go into `values`. */
  async query(sql: string, values: readonly (string | number)[] = []): Promise<readonly Row[]> {
    const reader = await this.#reader().runAndReadAll(sql, [...values]);
    const names = reader.columnNames();
    return reader
      .getRowsJS()
      .map((row) => Object.fromEntries(names.map((name, i) => [name, plain(row[i])])));
  }

  #reader(): DuckDBConnection {
    this.#turn = (this.#turn + 1) % this.#readers.length;
    return this.#readers[this.#turn]!;
  }

  close(): void {
    for (const connection of [...this.#readers, this.#writer]) connection.closeSync();
    this.#instance.closeSync();
  }
}

const COUNTED = `standing IN (${STANDINGS.filter(counts).map(standingNumber).join(", ")})`;

/** Another process holds the file: that is no reason to delete it. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && /(set|conflicting) lock/i.test(error.message);
}

function bigOrNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

function numberOf(value: Row[string] | undefined): number {
  return typeof value === "number" ? value : 0;
}

function plain(value: unknown): number | string | boolean | null {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return value;
  return null;
}
