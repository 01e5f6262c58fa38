// A data set through devices: every value once, blanks not at all, times as the map says, and a second run sends nothing twice.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStatement } from "@muniment/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRawBroker, type RawBroker } from "./raw-broker.ts";
import { type ReplayConfig, replay } from "./replay.ts";
import { parseReplayMap } from "./replay-map.ts";

const map = parseReplayMap(
  JSON.stringify({
    format: "muniment-map/1",
    building: { id: "b9", name: "Nine", zone: "Europe/London" },
    time: { column: "when", format: "YYYY-MM-DD hh:mm", zone: "-05:00" },
    missing: ["", "NA"],
    columns: [
      {
        column: "elec [kWh]",
        device: "b9-main",
        point: "energy",
        unit: "J",
        kind: "interval",
        interval: 3600,
        scale: 3_600_000,
        integer: true,
      },
      {
        column: "temp",
        device: "b9-room",
        place: "b9/floor-1",
        point: "temperature",
        unit: "Cel",
        kind: "gauge",
      },
    ],
  }),
);

let folder: string;
let broker: RawBroker;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-replay-"));
  broker = await openRawBroker(() => "ack");
});
afterEach(async () => {
  await broker.close();
  await rm(folder, { recursive: true });
});

const run = (more: Partial<ReplayConfig> = {}) =>
  replay({
    file: join(folder, "rows.csv"),
    map,
    data: folder,
    mqtt: broker.url,
    ledger: null,
    packMax: 2,
    resultMsMax: 50,
    ...more,
  });
const readings = (device: string) =>
  broker.received
    .filter(({ topic }) => topic === `muniment/v1/b9/${device}/up/statement`)
    .flatMap(({ payload }) => parseStatement(payload).records);

test("rows become readings of their devices", async () => {
  await writeFile(
    join(folder, "rows.csv"),
    "when,elec [kWh],temp\n2026-01-01 00:00,10.9,20.5\n2026-01-01 01:00,,21\n2026-01-01 02:00,0.1,NA\nlater,1,1\n2026-01-01 03:00,7.925,x\n",
  );
  const summary = await run();
  const time = Date.parse("2026-01-01T05:00:00Z") / 1000;
  expect(readings("b9-main")).toEqual([
    { name: "energy", unit: "J", value: 39_240_000, time },
    { name: "energy", unit: "J", value: 360_000, time: time + 7_200 },
    { name: "energy", unit: "J", value: 28_530_000, time: time + 10_800 },
  ]);
  expect(readings("b9-room").map(({ value }) => value)).toEqual([20.5, 21]);
  expect(summary).toMatchObject({
    rows: 5,
    from: "2026-01-01T05:00:00.000Z",
    to: "2026-01-01T08:00:00.000Z",
    rowsRefused: { "time.format": 1 },
    missing: 2,
    notNumbers: 1,
    already: 0,
    sent: 5,
    statements: 3,
    acknowledged: 5,
    refused: {},
  });
});

test("run again, it sends only the rows that are new", async () => {
  const rows = "when,elec [kWh],temp\n2026-01-01 00:00,1,20\n2026-01-01 01:00,2,21\n";
  await writeFile(join(folder, "rows.csv"), rows);
  await run();
  await writeFile(join(folder, "rows.csv"), `${rows}2026-01-01 02:00,3,22\n`);
  expect(await run()).toMatchObject({ already: 4, sent: 2 });
  expect(readings("b9-main").map(({ value }) => value)).toEqual([3_600_000, 7_200_000, 10_800_000]);
});

test("a column that is not there, and a row of another width, are errors that name them", async () => {
  await writeFile(join(folder, "rows.csv"), "when,elec\n");
  await expect(run()).rejects.toMatchObject({ code: "csv.format", message: /elec \[kWh\]/ });
  await writeFile(join(folder, "rows.csv"), "when,elec [kWh],temp\n2026-01-01 00:00,1\n");
  await expect(run()).rejects.toMatchObject({
    code: "csv.format",
    message: /line 2: expected 3 fields, got 2/,
  });
});

test("a file without a header, and one whose time stands in two columns", async () => {
  const rows = { ...map, header: ["n", "day", "hour", "elec [kWh]", "temp"] };
  const time = { ...map.time, column: ["day", "hour"] };
  await writeFile(join(folder, "rows.csv"), "1,2026-01-01,00:00,1,20\n2,2026-01-01,01:00,2,21\n");
  expect(await run({ map: { ...rows, headerRows: 0, time } })).toMatchObject({ rows: 2, sent: 4 });
  // A header that has one name fewer than the rows: what the map says counts.
  await writeFile(join(folder, "rows.csv"), "day,hour,elec,temp\n3,2026-01-01,02:00,4,22\n");
  expect(await run({ map: { ...rows, time } })).toMatchObject({
    rows: 1,
    sent: 2,
    rowsRefused: {},
  });
  expect(readings("b9-main").map(({ value }) => value)).toEqual([3_600_000, 7_200_000, 14_400_000]);
});
