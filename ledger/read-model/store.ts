// The read model's database (D10): one DuckDB file that only this process opens and that may be deleted at any time.

import { rm } from "node:fs/promises";
import {
  BIGINT,
  BLOB,
  BOOLEAN,
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
import type { SayingName, SayingRow } from "./device-says.ts";
import type { Claim } from "./judge.ts";
import { owedTime } from "./measures/completeness.ts";
import { countsPersons } from "./measures/occupancy.ts";
import { assignCounters, PRESENCE_TABLES, rollUpPresence } from "./presence.ts";
import type { NumberedName, PointRecord, RegistryChanges, RegistryRow } from "./registry.ts";
import { type RollUpWriter, rollUp, rollUpAnswers, TOUCHED_TABLES } from "./roll-up.ts";
import type { DispositionRow, Rows } from "./rows.ts";
import { FLAG, hourMs, quarterMs, schemaVersion, TABLES } from "./schema.ts";
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
  /** What devices said of themselves since the last batch. */
  readonly says: readonly SayingRow[];
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
    await writer.run(TOUCHED_TABLES);
    await writer.run(PRESENCE_TABLES);
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

  /** What devices say of themselves: of all, or of those named. */
  async sayings(devices: readonly string[] | null = null): Promise<readonly SayingRow[]> {
    const named = devices?.map((_, i) => `$${i + 1}`).join(", ");
    const rows =
      named === ""
        ? []
        : await this.query(
            `SELECT * FROM device_says ${named === undefined ? "" : `WHERE device IN (${named})`} ORDER BY device, name`,
            devices ?? [],
          );
    return rows.map(({ device, name, signer, sequence, t, gateway, idx, says }) => ({
      ...{ device: String(device), name: name as SayingName, says: String(says) },
      ...{ signer: numberOf(signer), sequence: numberOf(sequence), t: numberOf(t) },
      ...{ gateway: numberOf(gateway), index: numberOf(idx) },
    }));
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
      "SELECT gateway, standing, n FROM standings ORDER BY gateway, standing",
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

  async #append({ rows, registry, says }: Batch): Promise<void> {
    const { names, points } = registry;
    const latest = new Map(registry.rows.map((row) => [row.key, row]));
    for (const { key, value, time } of latest.values()) {
      await this.#writer.run(
        "INSERT OR REPLACE INTO registry VALUES ($1, $2, $3)",
        [key, blobValue(value), BigInt(time)],
        [VARCHAR, BLOB, BIGINT],
      );
    }
    await this.#keepPoints(points);
    await this.#appendColumns("names", [VARCHAR, INTEGER, VARCHAR], names.length, [
      (i) => names[i]!.kind,
      (i) => names[i]!.no,
      (i) => names[i]!.name,
    ]);
    const { transactions, entries, samples, persons } = rows;
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
    await this.#appendColumns("persons", [VARCHAR, VARCHAR, BIGINT, INTEGER], persons.length, [
      (i) => persons[i]!.building,
      (i) => persons[i]!.date,
      (i) => BigInt(persons[i]!.person),
      (i) => persons[i]!.ledger,
    ]);
    await this.#dispose(rows.dispositions);
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
    const clockless = samples.filter(({ flags }) => (flags & FLAG.clockless) !== 0);
    await this.#appendColumns("clockless", [INTEGER, BIGINT], clockless.length, [
      (i) => clockless[i]!.point,
      (i) => BigInt(clockless[i]!.t),
    ]);
    await this.#keepSayings(says);
    await this.#countStandings(entries);
    await this.#rollUp(rows);
  }

  /** Puts what devices said of themselves into the place of what they said before. */
  async #keepSayings(says: readonly SayingRow[]): Promise<void> {
    if (says.length === 0) return;
    await this.#writer.run(
      "CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM device_says LIMIT 0",
    );
    await this.#appendColumns(
      "fresh",
      [VARCHAR, VARCHAR, INTEGER, BIGINT, BIGINT, INTEGER, INTEGER, VARCHAR],
      says.length,
      [
        (i) => says[i]!.device,
        (i) => says[i]!.name,
        (i) => says[i]!.signer,
        (i) => BigInt(says[i]!.sequence),
        (i) => BigInt(says[i]!.t),
        (i) => says[i]!.gateway,
        (i) => says[i]!.index,
        (i) => says[i]!.says,
      ],
      "temp",
    );
    await this.#writer.run("INSERT OR REPLACE INTO device_says SELECT * FROM fresh");
  }

  /** Keeps what the roll-ups must know of new or changed points. */
  async #keepPoints(points: readonly PointRecord[]): Promise<void> {
    if (points.length === 0) return;
    const latest = [...new Map(points.map((point) => [point.no, point])).values()];
    const rows = latest.map(({ no, building, place, interval, kind, unit, brick }) => ({
      no,
      building,
      place,
      intervalMs: interval === null ? null : BigInt(Math.round(interval * 1000)),
      kind,
      energy: unit === "J" && (kind === "counter" || (kind === "interval" && interval !== null)),
      counter: countsPersons({ unit, brick }),
    }));
    await this.#writer.run(
      "CREATE OR REPLACE TEMP TABLE fresh (no INTEGER, building VARCHAR, place VARCHAR, interval_ms BIGINT, kind VARCHAR, energy BOOLEAN, counter BOOLEAN)",
    );
    await this.#appendColumns(
      "fresh",
      [INTEGER, VARCHAR, VARCHAR, BIGINT, VARCHAR, BOOLEAN, BOOLEAN],
      rows.length,
      [
        (i) => rows[i]!.no,
        (i) => rows[i]!.building,
        (i) => rows[i]!.place,
        (i) => rows[i]!.intervalMs,
        (i) => rows[i]!.kind,
        (i) => rows[i]!.energy,
        (i) => rows[i]!.counter,
      ],
      "temp",
    );
    await this.#writer.run(`
      INSERT INTO changed SELECT building FROM fresh UNION SELECT p.building FROM points p JOIN fresh f ON f.no = p.no;
      MERGE INTO points USING fresh ON points.no = fresh.no
      WHEN MATCHED THEN UPDATE SET building = fresh.building, place = fresh.place, interval_ms = fresh.interval_ms,
        kind = fresh.kind, energy = fresh.energy, counter = fresh.counter
      WHEN NOT MATCHED THEN INSERT VALUES (fresh.no, fresh.building, fresh.place, fresh.interval_ms, fresh.kind, fresh.energy, fresh.counter, 0, NULL, NULL)`);
    await assignCounters(this.#rollUpWriter);
  }

  async #countStandings(entries: Rows["entries"]): Promise<void> {
    const counts = new Map<string, number>();
    for (const { gateway, standing } of entries) {
      const key = `${gateway}, ${standingNumber(standing)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    if (counts.size === 0) return;
    const rows = [...counts].map(([key, n]) => `(${key}, ${n})`);
    await this.#writer.run(`
      MERGE INTO standings USING (VALUES ${rows.join(", ")}) AS fresh (gateway, standing, n)
      ON standings.gateway = fresh.gateway AND standings.standing = fresh.standing
      WHEN MATCHED THEN UPDATE SET n = standings.n + fresh.n WHEN NOT MATCHED THEN INSERT VALUES (fresh.gateway, fresh.standing, fresh.n)`);
  }

  /** Brings the roll-ups up to date with the samples that were added, and with scopes that are due for another reason. */
  async #rollUp({ samples }: Rows): Promise<void> {
    const intervals = await this.#intervalsOf(samples);
    await this.#appendPairs(
      "touched",
      samples.map(({ point, t }) => [point, Math.floor(t / hourMs)]),
    );
    await this.#appendPairs(
      "answered",
      samples.flatMap(({ point, t }) => {
        const interval = intervals.get(point);
        return interval === undefined
          ? []
          : [[point, Math.floor(owedTime(t, interval) / quarterMs)] as const];
      }),
    );
    await rollUpAnswers(this.#rollUpWriter);
    await rollUp(this.#rollUpWriter);
    await rollUpPresence(this.#rollUpWriter);
  }

  /** Declared intervals (ms) of the points of samples, by number. */
  async #intervalsOf(samples: Rows["samples"]): Promise<ReadonlyMap<number, number>> {
    const numbers = [...new Set(samples.map(({ point }) => point))];
    if (numbers.length === 0) return new Map();
    const reader = await this.#writer.runAndReadAll(
      `SELECT no, interval_ms FROM points WHERE interval_ms IS NOT NULL AND no IN (${numbers.join(", ")})`,
    );
    return new Map(reader.getRowsJS().map(([no, ms]) => [Number(no), Number(ms)]));
  }

  /** Adds each pair once to a temporary table of two whole numbers. */
  async #appendPairs(table: string, pairs: readonly (readonly [number, number])[]): Promise<void> {
    const seconds = new Map<number, Set<number>>();
    for (const [first, second] of pairs) {
      const set = seconds.get(first) ?? new Set();
      seconds.set(first, set);
      set.add(second);
    }
    const rows = [...seconds].flatMap(([first, set]) => [...set].map((second) => [first, second]));
    await this.#appendColumns(
      table,
      [INTEGER, INTEGER],
      rows.length,
      [(i) => rows[i]![0]!, (i) => rows[i]![1]!],
      "temp",
    );
  }

  readonly #rollUpWriter: RollUpWriter = {
    run: (sql) => this.#writer.run(sql),
    span: async (column, table) => {
      const reader = await this.#writer.runAndReadAll(
        `SELECT min(${column}) AS first, max(${column}) AS last FROM ${table}`,
      );
      const [first, last] = reader.getRowsJS()[0]!;
      return first === null ? null : [Number(first), Number(last)];
    },
  };

  /** What was told of a day before its disposition goes; what came in after it stays until the next one. */
  async #dispose(dispositions: readonly DispositionRow[]): Promise<void> {
    for (const { building, date, persons, ledger } of dispositions) {
      await this.#writer.run(
        `DELETE FROM persons WHERE building = $1 AND date = $2 AND ledger < ${ledger}`,
        [building, date],
      );
      await this.#writer.run(
        `INSERT OR REPLACE INTO dispositions VALUES ($1, $2, ${persons ?? "NULL"}, ${ledger})`,
        [building, date],
      );
    }
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
