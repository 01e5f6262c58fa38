// Parquet files, read back by a DuckDB of the test's own and held against the API.

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../stack/fleet.ts";
import { readCsv } from "./csv-reader.ts";
import {
  FROM,
  NAME,
  quarters,
  type SampleBuilding,
  startSampleBuilding,
  TO,
} from "./sample-building.ts";

const span = `from=${FROM}&to=${TO}`;
let folder: string;
let building: SampleBuilding;
let instance: DuckDBInstance;
let reader: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-parquet-"));
  building = await startSampleBuilding();
  instance = await DuckDBInstance.create(":memory:");
  reader = await instance.connect();
});
afterAll(async () => {
  reader.closeSync();
  instance.closeSync();
  await building.close();
  await rm(folder, { recursive: true });
});

async function save(query: string): Promise<string> {
  const answer = await building.get(`buildings/b1/export?format=parquet&${span}&${query}`);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/vnd.apache.parquet");
  const file = join(folder, `${query.replaceAll(/[^a-z0-9]/gi, "-")}.parquet`);
  await writeFile(file, answer.rawPayload);
  return file;
}
const rowsOf = async (sql: string) => (await reader.runAndReadAll(sql)).getRowObjectsJson();

test("columns have the types that a reader expects, and the file says what it is about", async () => {
  const file = await save("of=readings");
  const types = await rowsOf(`DESCRIBE SELECT * FROM read_parquet('${file}')`);
  expect(
    Object.fromEntries(types.map(({ column_name, column_type }) => [column_name, column_type])),
  ).toEqual({
    time: "TIMESTAMP WITH TIME ZONE",
    local_time: "TIMESTAMP",
    building: "VARCHAR",
    place: "VARCHAR",
    device: "VARCHAR",
    point: "VARCHAR",
    value: "DOUBLE",
    unit: "VARCHAR",
    joules: "BIGINT",
    trust: "VARCHAR",
    late: "BOOLEAN",
    clockless: "BOOLEAN",
    corrected: "BOOLEAN",
    gateway: "VARCHAR",
    entry: "BIGINT",
  });
  const [column] = await rowsOf(
    `SELECT compression FROM parquet_metadata('${file}') WHERE path_in_schema = 'value'`,
  );
  expect(column).toEqual({ compression: "ZSTD" });
  const facts = await rowsOf(
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${file}')`,
  );
  expect(Object.fromEntries(facts.map(({ key, value }) => [key, value]))).toMatchObject({
    building: "b1",
    building_name: NAME,
    zone: "America/New_York",
    from: FROM,
    to: TO,
    ledger: "ledger.example/test",
    ledger_entries: String(building.readModel.applied().next),
  });
});

test("the same rows as CSV, in the same order, to the last digit", async () => {
  const file = await save("of=readings");
  const rows = await rowsOf(`
    SELECT epoch_ms(time) AS time, strftime(local_time, '%Y-%m-%dT%H:%M:%S') AS local_time, point, value, joules, trust, late, corrected, entry
    FROM read_parquet('${file}')`);
  const csv = readCsv((await building.get(`buildings/b1/export?format=csv&${span}`)).body);
  expect(
    rows.map((row) => Object.values(row).map((value) => (value === null ? "" : String(value)))),
  ).toEqual(
    csv.map((row) => [
      String(Date.parse(row.time!)),
      row.local_time!.slice(0, 19),
      ...["point", "value", "joules", "trust", "late", "corrected", "entry"].map(
        (name) => row[name]!,
      ),
    ]),
  );
});

test("sums over the file are the API's figures", async () => {
  const file = await save("of=readings");
  const [sum] = await rowsOf(
    `SELECT sum(joules)::BIGINT AS joules, count(*) AS n FROM read_parquet('${file}') WHERE point = 'main.energy'`,
  );
  const { total } = (await building.get(`buildings/b1/energy?${span}&step=P1D`)).json();
  expect(Number(sum?.joules) / 3_600_000).toBe(total.kwh);
  expect(Number(sum?.n)).toBe(total.received);
  const energy = await save("of=energy&step=PT1H");
  const [hours] = await rowsOf(
    `SELECT sum(joules)::BIGINT AS joules, max(peak_kw) AS peak, sum(received)::BIGINT AS received FROM read_parquet('${energy}')`,
  );
  expect(Number(hours?.joules) / 3_600_000).toBe(total.kwh);
  expect(hours?.peak).toBe(total.peakKw);
  expect(Number(hours?.received)).toBe(total.received);
  const occupancy = await save("of=occupancy&step=PT15M");
  const [persons] = await rowsOf(
    `SELECT max(peak_persons) AS peak, count(*) AS n FROM read_parquet('${occupancy}')`,
  );
  expect([persons?.peak, Number(persons?.n)]).toEqual([8, quarters]);
});

test("whoever goes away before the file is ready leaves nothing open, and nothing on the disk", async () => {
  const folders = async () =>
    (await readdir(tmpdir())).filter((name) => name.startsWith("muniment-export-"));
  const before = await folders();
  const base = await building.app.listen({ host: "127.0.0.1", port: 0 });
  const url = `${base}/api/v1/buildings/b1/export?format=parquet&${span}`;
  const leaveAfter = (ms: number) =>
    fetch(url, { signal: AbortSignal.timeout(ms) }).then(
      async (answer) => void (await answer.body?.cancel()),
      () => undefined,
    );
  // More of them than there may be exports at once.
  for (const ms of [5, 20, 40, 80, 160]) await Promise.all([leaveAfter(ms), leaveAfter(ms)]);
  await until("an export is possible", async () => (await fetch(url)).status === 200);
  const all = await Promise.all([fetch(url), fetch(url), fetch(url)]);
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const answer of all) expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
  await until("the folders of all these exports are gone", async () =>
    (await folders()).every((name) => before.includes(name)),
  );
});
