// Three real occupancy data sets through devices, gateways and ledger: every figure is the one that plain code finds in the files.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, startFleet, until } from "../stack/fleet.ts";
import { type Product, ROOT, runProduct, startProduct } from "../stack/process.ts";

const material = process.env.MUNIMENT_MATERIAL ?? join(ROOT, "..", "shared", "material");
const building = join(material, "building");
const present = ["office-occupancy", "room-count", "calit2"].every((name) =>
  existsSync(join(building, name)),
);
if (!present)
  console.log(
    "SKIPPED: real occupancy: no data sets in MUNIMENT_MATERIAL or beside the repository",
  );

/** Figures that somebody else computed from the files; absent, ours are checked against the files alone. */
const others = existsSync(join(material, "EXPECTED.json"))
  ? (
      JSON.parse(readFileSync(join(material, "EXPECTED.json"), "utf8")) as {
        building: {
          office_occupancy: Record<string, { occupied_rows_by_day: Record<string, number> }>;
          room_count: { by_count: Record<string, number>; by_day_max: Record<string, number> };
          calit2: Record<string, { by_day: Record<string, number> } | undefined>;
        };
      }
    ).building
  : null;

const dayMs = 86_400_000;

let fleet: Fleet;
const gateways: Product[] = [];

beforeAll(async () => {
  if (present) fleet = await startFleet(1);
}, 60_000);

afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  await fleet?.close();
});

/** Cells of a file, line by line, without quotes. */
function cellsOf(file: string): string[][] {
  return readFileSync(join(building, file), "utf8")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(",").map((cell) => cell.replace(/^"|"$/g, "")));
}

function numberOrNull(cell: string | undefined): number | null {
  return cell === undefined || cell === "" ? null : Number(cell);
}

/** Sends files through devices and a gateway of their own, each with its map; the first map names the building. */
async function replay(
  id: string,
  sources: readonly (readonly [file: string, map: string])[],
): Promise<number> {
  const where = ["--data", fleet.data, "--ledger", fleet.ledgerUrl];
  const path = ([file, map]: readonly [string, string]) => [
    join(building, file),
    "--map",
    join(ROOT, "simulator/maps", map),
    ...where,
  ];
  for (const source of sources) {
    const enrolled = await runProduct(["replay", ...path(source), "--enrol-only"]);
    expect(enrolled.code, enrolled.stderr).toBe(0);
  }
  const name = `gw-${id}`;
  const enrolled = await runProduct(["gateway", "enrol", ...where, "--id", name, "--building", id]);
  expect(enrolled.code, enrolled.stderr).toBe(0);
  const ports = ["--mqtt-port", "0", "--http-port", "0"];
  const gateway = await startProduct([
    ...["gateway", "--data", fleet.data, "--id", name, ...ports, "--batch-age-ms-max", "500"],
  ]);
  gateways.push(gateway);
  let sent = 0;
  for (const source of sources) {
    const { code, stderr, stdout } = await runProduct([
      ...["replay", ...path(source), "--no-enrol", "--json"],
      ...["--mqtt", String(gateway.ready.mqtt), "--gateway", String(gateway.ready.http)],
    ]);
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout) as {
      sent: number;
      acknowledged: number;
      rowsRefused: object;
    };
    expect(summary.rowsRefused).toEqual({});
    expect(summary.acknowledged).toBe(summary.sent);
    sent += summary.sent;
  }
  await until(
    "every reading is projected",
    async () => {
      const { points } = await ask<{ points: { received: number }[] }>(`buildings/${id}`);
      return points.reduce((sum, { received }) => sum + received, 0) >= sent;
    },
    60_000,
  );
  return sent;
}

async function ask<T = Record<string, unknown>>(path: string): Promise<T> {
  const response = await fetch(`${fleet.ledgerUrl}/api/v1/${path}`);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

interface Row {
  readonly t: number;
  readonly people: number;
  /** Null where the file has no value. */
  readonly ppm: number | null;
  readonly celsius: number | null;
}

/** What plain code finds in the rows of one room whose declared interval is `seconds`, at an offset of `hours`. */
function plain(rows: readonly Row[], seconds: number, hours: number) {
  // A row tells of the multiple of the interval nearest to it; of two for one the later counts.
  const step = (t: number): number => Math.round(t / (seconds * 1000));
  const steps = new Map<number, Row>();
  for (const row of rows) steps.set(step(row.t), row);
  const by = (key: (local: Date) => string | number) => {
    const groups = new Map<string | number, Row[]>();
    for (const [at, row] of steps) {
      const local = key(new Date(at * seconds * 1000 + hours * 3_600_000));
      groups.set(local, [...(groups.get(local) ?? []), row]);
    }
    return groups;
  };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const all = [...steps.values()];
  const ppm = rows.flatMap((row) => row.ppm ?? []);
  const celsius = rows.flatMap((row) => row.celsius ?? []);
  const airSteps = (of: (row: Row) => number | null): number =>
    new Set(rows.filter((row) => of(row) !== null).map(({ t }) => step(t))).size;
  return {
    received: steps.size,
    mean: mean(all.map(({ people }) => people)),
    peak: Math.max(...all.map(({ people }) => people)),
    peakAt:
      [...steps].find(
        ([, { people }]) => people === Math.max(...all.map((row) => row.people)),
      )![0] *
      seconds *
      1000,
    occupiedHours: (all.filter(({ people }) => people > 0).length * seconds) / 3_600,
    meanOccupied: mean(all.filter(({ people }) => people > 0).map(({ people }) => people)),
    days: by((local) => local.toISOString().slice(0, 10)),
    cells: by((local) => local.getUTCDay() * 24 + local.getUTCHours()),
    // Air is the mean of all rows, also of those that share a step.
    ppm: mean(ppm),
    ppmMax: Math.max(...ppm),
    celsius: mean(celsius),
    roomReceived: steps.size + airSteps((row) => row.ppm) + airSteps((row) => row.celsius),
    meanOf: mean,
  };
}

interface Room {
  readonly id: string;
  readonly place: string;
  readonly seconds: number;
  /** Offset of its wall time in these days, hours. */
  readonly offset: number;
  /** Local dates, the last not included. */
  readonly from: string;
  readonly to: string;
  readonly usableFt2: number;
  readonly rows: readonly Row[];
}

/** Asks for every figure of a room's building and compares it with plain code. */
async function compare(room: Room): Promise<void> {
  const { id, place, seconds, offset, rows } = room;
  const at = (date: string): number => Date.parse(`${date}T00:00:00Z`) - offset * 3_600_000;
  const [from, to] = [at(room.from), at(room.to)];
  const period = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  const found = plain(rows, seconds, offset);
  const owed = (ms: number): number => ms / (seconds * 1000);

  const occupancy = await ask<{
    total: unknown;
    series: Record<string, unknown>[];
    trust: unknown;
  }>(`buildings/${id}/occupancy?${period}&step=P1D`);
  expect(occupancy.total).toEqual({
    ...{ mean: expect.closeTo(found.mean, 9), peak: found.peak },
    peakAt: new Date(found.peakAt).toISOString(),
    ...{ received: found.received, expected: owed(to - from) },
  });
  expect(occupancy.trust).toEqual({ device: rows.length, observed: 0, manual: 0 });
  for (const step of occupancy.series) {
    const date = new Date(Date.parse(String(step.start)) + offset * 3_600_000)
      .toISOString()
      .slice(0, 10);
    const own = (found.days.get(date) ?? []).map(({ people }) => people);
    expect(step, date).toMatchObject({
      mean: own.length === 0 ? null : expect.closeTo(found.meanOf(own), 9),
      peak: own.length === 0 ? null : Math.max(...own),
      ...{ received: own.length, expected: owed(dayMs) },
    });
  }

  const week = await ask<{ cells: Record<string, unknown>[] }>(
    `buildings/${id}/occupancy/week?${period}&place=${place}`,
  );
  week.cells.forEach((cell, i) => {
    const own = (found.cells.get(i) ?? []).map(({ people }) => people);
    expect(cell).toMatchObject({
      mean: own.length === 0 ? null : expect.closeTo(found.meanOf(own), 9),
      peak: own.length === 0 ? null : Math.max(...own),
      ...{ steps: own.length, received: own.length },
    });
  });

  const { days, utilization } = await ask<{
    days: Record<string, unknown>[];
    utilization: unknown;
  }>(`buildings/${id}/occupancy/days?${period}`);
  const peaks = days.map(({ date, weekday }) => {
    const own = found.days.get(String(date));
    const peak = own === undefined ? null : Math.max(...own.map(({ people }) => people));
    return { date, peak, reporting: Number(weekday) >= 1 && Number(weekday) <= 5 };
  });
  expect(days).toMatchObject(
    peaks.map(({ peak, ...day }) => ({
      ...{ ...day, persons: peak, counterPeak: peak, whole: true },
      source: peak === null ? null : "counters",
    })),
  );
  const told = peaks.filter(({ reporting, peak }) => reporting && peak !== null);
  const persons = told.reduce((sum, { peak }) => sum + peak!, 0) / told.length;
  const capacity = room.usableFt2 / 150;
  expect(utilization).toMatchObject({
    ...{ usableFt2: room.usableFt2, capacity, days: told.length },
    meanPersons: expect.closeTo(persons, 9),
    rate: expect.closeTo(persons / capacity, 9),
    below60: persons / capacity < 0.6,
    missingDays: peaks.filter(({ reporting, peak }) => reporting && peak === null).length,
  });

  const { rooms } = await ask<{ rooms: unknown[] }>(`buildings/${id}/rooms?${period}`);
  expect(rooms).toMatchObject([
    {
      place,
      occupiedHours: expect.closeTo(found.occupiedHours, 8),
      ...{ openHours: null, occupiedShare: null },
      meanPersons: expect.closeTo(found.mean, 9),
      peakPersons: found.peak,
      meanCo2: expect.closeTo(found.ppm, 6),
      maxCo2: expect.closeTo(found.ppmMax, 6),
      meanCelsius: expect.closeTo(found.celsius, 8),
      ...{ received: found.roomReceived, expected: 3 * owed(to - from) },
    },
  ]);
  console.log(
    `${id}: mean ${found.mean.toFixed(4)} persons, peak ${found.peak}, ${persons.toFixed(2)} persons a reporting day, utilization ${((100 * persons) / capacity).toFixed(1)} %, CO2 ${found.ppm.toFixed(1)} ppm, ${found.received} of ${owed(to - from)} steps heard`,
  );
}

/** What a point's readings add up to on each local day, from the ledger. */
async function daySums(
  point: string,
  from: number,
  to: number,
  offset: number,
): Promise<Record<string, number>> {
  const { items } = await ask<{ items: { start: string; sum: number | null }[] }>(
    `points/${point}/series?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&step=P1D`,
  );
  return Object.fromEntries(
    items.flatMap(({ start, sum }) =>
      sum === null
        ? []
        : [[new Date(Date.parse(start) + offset * 3_600_000).toISOString().slice(0, 10), sum]],
    ),
  );
}

describe.skipIf(!present)("real occupancy", () => {
  test("an office room, minute by minute", async () => {
    const files = ["datatest.txt", "datatraining.txt"].map((name) => `office-occupancy/${name}`);
    // The header has one name fewer than the rows, which begin with their number.
    const rows = files.flatMap((file) =>
      cellsOf(file)
        .slice(1)
        .map(
          ([, time, celsius, , , ppm, , people]): Row => ({
            t: Date.parse(`${time!.replace(" ", "T")}+01:00`),
            ...{ people: Number(people), ppm: Number(ppm), celsius: Number(celsius) },
          }),
        ),
    );
    expect(rows).toHaveLength(2_665 + 8_143);
    const sent = await replay(
      "office-room",
      files.map((file) => [file, "office-occupancy.json"]),
    );
    expect(sent).toBe(3 * rows.length);
    await compare({
      ...{ id: "office-room", place: "office-room/floor-1/room-1", seconds: 60, offset: 1 },
      ...{ from: "2015-02-02", to: "2015-02-11", usableFt2: 300, rows },
    });
    const sums = await daySums(
      "office-room-people.people",
      Date.parse("2015-02-01T23:00:00Z"),
      Date.parse("2015-02-10T23:00:00Z"),
      1,
    );
    if (others !== null) {
      const { "datatest.txt": first, "datatraining.txt": second } = others.office_occupancy;
      const expected: Record<string, number> = { ...first!.occupied_rows_by_day };
      for (const [date, n] of Object.entries(second!.occupied_rows_by_day))
        expected[date] = (expected[date] ?? 0) + n;
      expect(sums).toEqual(expected);
    }
  }, 120_000);

  test("a room with a head count, every half minute, at an offset of five and a half hours", async () => {
    const [header = [], ...lines] = cellsOf("room-count/Occupancy_Estimation.csv");
    const column = (name: string): number => header.indexOf(name);
    const rows = lines.map((cells): Row => {
      // Hours are not padded: 9:09:30.
      const time = cells[column("Time")]!.padStart(8, "0");
      const date = cells[column("Date")]!;
      return {
        t: Date.parse(`${date}T${time}+05:30`),
        people: Number(cells[column("Room_Occupancy_Count")]),
        ...{
          ppm: numberOrNull(cells[column("S5_CO2")]),
          celsius: numberOrNull(cells[column("S1_Temp")]),
        },
      };
    });
    expect(rows).toHaveLength(8_084);
    await replay("counted-room", [["room-count/Occupancy_Estimation.csv", "room-count.json"]]);
    await compare({
      ...{ id: "counted-room", place: "counted-room/floor-1/lab", seconds: 30, offset: 5.5 },
      ...{ from: "2017-12-22", to: "2017-12-27", usableFt2: 600, rows },
    });
    if (others !== null) {
      const { by_count, by_day_max } = others.room_count;
      const heads = Object.entries(by_count).reduce(
        (sum, [n, times]) => sum + Number(n) * times,
        0,
      );
      const sums = await daySums(
        "counted-room-people.people",
        Date.parse("2017-12-21T18:30:00Z"),
        Date.parse("2017-12-26T18:30:00Z"),
        5.5,
      );
      expect(Object.values(sums).reduce((sum, n) => sum + n, 0)).toBe(heads);
      const { days } = await ask<{ days: { date: string; persons: number }[] }>(
        "buildings/counted-room/occupancy/days?from=2017-12-21T18:30:00Z&to=2017-12-26T18:30:00Z",
      );
      expect(Object.fromEntries(days.map(({ date, persons }) => [date, persons]))).toEqual(
        by_day_max,
      );
    }
  }, 120_000);

  test("the main door of a university building, half hour by half hour", async () => {
    const doors = [
      { name: "in", file: "calit2/cal-inflow.csv", header: 1, theirs: others?.calit2.inflow },
      { name: "out", file: "calit2/cal-outflow.csv", header: 0, theirs: others?.calit2.outflow },
    ] as const;
    await replay(
      "calit2",
      doors.map(({ name, file }) => [file, `calit2-${name}.json`]),
    );
    const [from, to] = [Date.parse("2005-07-24T07:00:00Z"), Date.parse("2005-10-03T07:00:00Z")];
    for (const { name, file, header, theirs } of doors) {
      const plainSums: Record<string, number> = {};
      for (const [time, n] of cellsOf(file).slice(header)) {
        // 7/24/05 0:30, or 07/24/05 00:30:00.
        const [month, day, year] = time!.split(" ")[0]!.split("/");
        const date = `20${year}-${month!.padStart(2, "0")}-${day!.padStart(2, "0")}`;
        plainSums[date] = (plainSums[date] ?? 0) + Number(n);
      }
      const sums = await daySums(`calit2-door-${name}.people`, from, to, -7);
      expect(sums).toEqual(plainSums);
      expect(Object.keys(sums)).toHaveLength(71);
      if (theirs !== undefined) expect(sums).toEqual(theirs.by_day);
      const { items } = await ask<{ items: { count: number; expected: number }[] }>(
        `points/calit2-door-${name}.people/series?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&step=P1D`,
      );
      expect(items.every(({ count, expected }) => count === 48 && expected === 48)).toBe(true);
      console.log(
        `calit2: ${Object.values(sums).reduce((sum, n) => sum + n, 0)} went ${name} in 71 days`,
      );
    }
    // Doors count passages, not persons who are there: there is no occupancy to be told.
    const occupancy = await ask(
      "buildings/calit2/occupancy?from=2005-08-01T07:00:00Z&to=2005-08-08T07:00:00Z&step=P1D",
    );
    expect(occupancy.total).toMatchObject({ mean: null, peak: null, expected: 0 });
  }, 120_000);
});
