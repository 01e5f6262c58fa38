// `muniment import` and `muniment export` on real processes: files of others in, files of ours out, and what comes out goes in again.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasMaterial, listMaterial, materialFolder } from "../conformance/material.ts";
import { BUILDING, type Fleet, startFleet, until } from "../stack/fleet.ts";
import { ROOT, runProduct } from "../stack/process.ts";
import { readCsv } from "./csv-reader.ts";

const own = join(ROOT, "test/vectors/green-button.xml");
let folder: string;
let fleet: Fleet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-files-"));
  fleet = await startFleet(1, { gatewayArgs: ["--batch-age-ms-max", "200"] });
});
afterAll(async () => {
  await fleet?.close();
  await rm(folder, { recursive: true });
});

/** What a file says by itself: its interval readings, found in the text. */
function independent(xml: string): {
  readonly n: number;
  readonly wattHours: number;
  readonly cost: number;
} {
  const readings = [...xml.matchAll(/<IntervalReading>[\s\S]*?<\/IntervalReading>/g)].map(
    ([text]) => text,
  );
  const sum = (name: string): number =>
    readings.reduce(
      (total, text) => total + Number(new RegExp(`<${name}>(\\d+)</${name}>`).exec(text)?.[1] ?? 0),
      0,
    );
  return { n: readings.length, wattHours: sum("value"), cost: sum("cost") };
}

async function importFile(file: string, device: string, more: readonly string[] = []) {
  const { code, stdout, stderr } = await runProduct([
    ...["import", "greenbutton", file, "--device", device, "--json"],
    ...["--key", join(folder, `${device}.pem`)],
    ...["--mqtt", `mqtt://127.0.0.1:${fleet.mqttPort()}`, "--ledger", fleet.ledgerUrl],
    ...["--gateway", fleet.gatewayUrl(), "--data", fleet.data],
    ...more,
  ]);
  return { code, stderr, summary: code === 0 ? JSON.parse(stdout) : null };
}
const enrol = (place: string) => ["--enrol", "--building", BUILDING, "--place", place];

interface Reading {
  readonly time: string;
  readonly value: number;
  readonly flags: readonly string[];
}

/** All readings of a point, once so many are in the figures. */
async function readingsOf(
  point: string,
  atLeast: number,
  [from, to]: readonly [string, string] = ["2026-01-01", "2027-01-01"],
): Promise<readonly Reading[]> {
  const period = `from=${from}T00:00:00Z&to=${to}T00:00:00Z`;
  const url = `${fleet.ledgerUrl}/api/v1/points/${point}/series?${period}&limit=1000`;
  let items: Reading[] = [];
  await until(`${atLeast} readings of ${point}`, async () => {
    items = ((await (await fetch(url)).json()) as { items: Reading[] }).items;
    return items.length >= atLeast;
  });
  return items;
}

const files = hasMaterial("building/greenbutton")
  ? [...listMaterial("building/greenbutton", ".xml"), "domain/greenbutton_test_usage_data_1.xml"]
  : [];

test.each(files.map((file, i) => [file, `utility-${i}`]))(
  "%s loads as it is",
  async (file, device) => {
    const path = join(materialFolder, file);
    const truth = independent(await readFile(path, "utf8"));
    const then = ["2011-01-01", "2013-01-01"] as const;
    const { code, summary, stderr } = await importFile(
      path,
      device,
      enrol(`${BUILDING}/${device}`),
    );
    expect(code, stderr).toBe(0);
    expect(summary.refused).toEqual({});
    expect(summary.acknowledged).toBe(summary.readings);
    const energy = await readingsOf(`${device}.energy`, truth.n, then);
    expect(energy).toHaveLength(truth.n);
    expect(energy.reduce((sum, { value }) => sum + value, 0)).toBe(truth.wattHours * 3600);
    if (truth.cost > 0) {
      const cost = await readingsOf(`${device}.energy-cost`, truth.n, then);
      expect(cost.reduce((sum, { value }) => sum + value, 0)).toBe(truth.cost);
    }
  },
);

test("what a person imported is said to be a person's, wherever it is shown", async () => {
  const truth = independent(await readFile(own, "utf8"));
  const { code, summary, stderr } = await importFile(own, "bill", enrol(BUILDING));
  expect(code, stderr).toBe(0);
  expect(summary).toMatchObject({ readings: 15, already: 0, sent: 15, acknowledged: 15, left: {} });
  await readingsOf("bill.energy", truth.n);
  expect((await readingsOf("bill.energy-quality", 1)).map(({ value }) => value)).toEqual([8]);
  const period = "from=2026-01-05T00:00:00Z&to=2026-01-05T02:00:00Z";
  const energy = await (
    await fetch(`${fleet.ledgerUrl}/api/v1/buildings/${BUILDING}/energy?${period}&step=PT1H`)
  ).json();
  expect(energy).toMatchObject({
    meters: ["bill.energy"],
    total: { kwh: truth.wattHours / 1000, received: 7, expected: 8 },
    trust: { device: 0, observed: 0, manual: 7 },
  });
});

test("run again it sends nothing twice; with --again a correction replaces what it corrects", async () => {
  expect((await importFile(own, "bill")).summary).toMatchObject({ already: 15, sent: 0 });
  const corrected = join(folder, "corrected.xml");
  const text = await readFile(own, "utf8");
  await writeFile(corrected, text.replace("<value>254</value>", "<value>300</value>"));
  expect((await importFile(corrected, "bill", ["--again"])).summary).toMatchObject({ sent: 15 });
  const energy = await readingsOf("bill.energy", 14);
  const standing = energy.filter(({ flags }) => !flags.includes("superseded"));
  expect(standing.map(({ value }) => value / 3600)).toEqual([251, 252, 253, 300, 256, 257, 258]);
});

test("monthly bills become a total, later ones go on with it", async () => {
  const file = join(folder, "bills.csv");
  const bills = "Start Date,End Date,Usage,Cost\n2026-01-12,2026-02-10,1000,130.25\n";
  const send = async (more: readonly string[] = []) => {
    const { code, stdout, stderr } = await runProduct([
      ...["import", "bills", file, "--device", "bills", "--json"],
      ...["--key", join(folder, "bills.pem"), "--data", fleet.data],
      ...["--mqtt", `mqtt://127.0.0.1:${fleet.mqttPort()}`, "--ledger", fleet.ledgerUrl],
      ...["--gateway", fleet.gatewayUrl(), ...more],
    ]);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  await writeFile(file, bills);
  expect(await send(enrol(`${BUILDING}/bills`))).toMatchObject({ sent: 3, acknowledged: 3 });
  await readingsOf("bills.energy", 2);
  await writeFile(file, `${bills}2026-02-10,2026-03-11,900,118\n`);
  expect(await send()).toMatchObject({ sent: 2, acknowledged: 2 });
  await readingsOf("bills.energy", 3);
  expect((await readingsOf("bills.energy-cost", 2)).map(({ value }) => value)).toEqual([
    13_025, 11_800,
  ]);
  const period = "from=2026-01-01T00:00:00Z&to=2026-04-01T00:00:00Z&points=bills.energy";
  const url = `${fleet.ledgerUrl}/api/v1/buildings/${BUILDING}/export?format=greenbutton&${period}`;
  const xml = await (await fetch(url)).text();
  const readings = [
    ...xml.matchAll(/<duration>(\d+)<\/duration><start>\d+<\/start><\/timePeriod><value>(\d+)</g),
  ];
  expect(readings.map(([, seconds, value]) => [Number(seconds) / 86_400, Number(value)])).toEqual([
    [29, 1_000_000],
    [29, 900_000],
  ]);
});

test("a device whose readings would pass for its own is refused, and a file of something else too", async () => {
  const key = join(folder, "dev-0.pem");
  await writeFile(key, await readFile(join(fleet.data, "keys", "operator.pem")));
  const refused = await importFile(own, "dev-0");
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/import\.device.*|trust manual/),
  ]);
  const wrong = join(folder, "wrong.xml");
  await writeFile(wrong, '<!DOCTYPE feed SYSTEM "x"><feed/>');
  const malformed = await importFile(wrong, "bill");
  expect([malformed.code, malformed.stderr]).toEqual([
    1,
    expect.stringMatching(/greenbutton\.format/),
  ]);
});

async function exportFile(args: readonly string[]) {
  const { code, stdout, stderr } = await runProduct([
    ...["export", "--building", BUILDING, "--json"],
    ...["--from", "2026-01-05T00:00:00Z", "--to", "2026-01-05T02:00:00Z"],
    ...args,
  ]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).files as { readonly file: string; readonly bytes: number }[];
}
const node = () => ["--ledger", fleet.ledgerUrl];

test("CSV comes with its completeness, and in one piece or not at all", async () => {
  const out = join(folder, "readings.csv");
  const written = await exportFile([...node(), "--format", "csv", "--out", out]);
  expect(written.map(({ file }) => file)).toEqual([out, join(folder, "readings.completeness.csv")]);
  const rows = readCsv(await readFile(out, "utf8"));
  expect(
    rows.filter(({ point }) => point === "bill.energy").map(({ joules }) => Number(joules) / 3600),
  ).toEqual([251, 252, 253, 300, 256, 257, 258]);
  expect(new Set(rows.map(({ trust }) => trust))).toEqual(new Set(["manual"]));
  const completeness = readCsv(await readFile(written[1]!.file, "utf8"));
  expect(completeness.find(({ point }) => point === "bill.energy")).toMatchObject({
    received: "7",
    expected: "8",
    trust: "manual",
  });
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);

  const refused = await runProduct([
    ...["export", "--building", "nowhere", "--format", "csv", "--out", join(folder, "none.csv")],
    ...node(),
  ]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/query\.unknown/)]);
  expect(await readdir(folder)).not.toContain("none.csv");
});

test("our own Green Button file, imported again, is the same energy", async () => {
  const out = join(folder, "out.xml");
  await exportFile([...node(), "--format", "greenbutton", "--out", out]);
  const { summary, stderr } = await importFile(out, "again", enrol(`${BUILDING}/again`));
  expect(summary, stderr).toMatchObject({ refused: {} });
  const [before, after] = [
    (await readingsOf("bill.energy", 14)).filter(({ flags }) => !flags.includes("superseded")),
    await readingsOf("again.energy", 7),
  ];
  expect(after.map(({ time, value }) => [time, value])).toEqual(
    before.map(({ time, value }) => [time, value]),
  );
  // Each was marked as a person's, which is quality 7.
  expect((await readingsOf("again.energy-quality", 7)).map(({ value }) => value)).toEqual(
    Array(7).fill(7),
  );
});

test("partitions by building and month are one data set", async () => {
  const parts = join(folder, "parts");
  const span = ["--from", "2025-12-15T00:00:00Z", "--to", "2026-02-01T00:00:00Z"];
  const written = await exportFile([
    ...node(),
    ...span,
    "--format",
    "parquet",
    "--partitioned",
    parts,
  ]);
  expect(written.map(({ file }) => file)).toEqual(
    ["2025-12", "2026-01"].map((month) =>
      join(parts, `building=${BUILDING}`, `month=${month}`, "readings.parquet"),
    ),
  );
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const rows = await connection.runAndReadAll(
      `
      SELECT building, strftime(month::DATE, '%Y-%m') AS month, point, sum(joules)::BIGINT AS joules, count(*)::INTEGER AS n
      FROM read_parquet('${parts}/**/*.parquet', hive_partitioning = true, hive_types = {'month': VARCHAR})
      WHERE unit = 'J' GROUP BY ALL`.replace("strftime(month::DATE, '%Y-%m')", "month"),
    );
    const found = rows.getRowObjectsJson().filter(({ point }) => point === "bill.energy");
    expect(found).toEqual([
      {
        building: BUILDING,
        month: "2026-01",
        point: "bill.energy",
        joules: String(1827 * 3600),
        n: 7,
      },
    ]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});

test("a data folder that no node has open gives the same bytes", async () => {
  const online = join(folder, "online.csv");
  await exportFile([...node(), "--format", "csv", "--out", online]);
  await fleet.gateway.stop();
  await fleet.ledger.stop();
  const offline = join(folder, "offline.csv");
  await exportFile(["--data", fleet.data, "--format", "csv", "--out", offline]);
  expect(await readFile(offline, "utf8")).toBe(await readFile(online, "utf8"));
  const empty = await runProduct([
    ...["export", "--building", BUILDING, "--format", "csv", "--out", join(folder, "x.csv")],
    ...["--data", join(folder, "nothing")],
  ]);
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringMatching(/genesis\.cbor/)]);
}, 120_000);
