// Readings and figures as CSV, read back by a reader of its own and held against what was sent and what the API says.

import { afterAll, beforeAll, expect, test } from "vitest";
import { readCsv } from "./csv-reader.ts";
import {
  counted,
  FROM,
  heard,
  MISSING,
  mainJoules,
  quarterMs,
  quarters,
  type SampleBuilding,
  start,
  startSampleBuilding,
  TO,
} from "./sample-building.ts";

let building: SampleBuilding;
beforeAll(async () => {
  building = await startSampleBuilding();
});
afterAll(() => building.close());

const span = `from=${FROM}&to=${TO}`;
const csv = async (query: string) => {
  const answer = await building.get(`buildings/b1/export?format=csv&${query}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return { answer, rows: readCsv(answer.body) };
};

test("readings in long form: every one that counts, once, with its proof and its two times", async () => {
  const { answer, rows } = await csv(span);
  expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
  expect(answer.headers["content-disposition"]).toBe(
    'attachment; filename="b1-readings-2026-03-07_2026-03-10.csv"',
  );
  expect(answer.headers["muniment-ledger-entries"]).toBe(String(building.readModel.applied().next));

  const of = (point: string) => rows.filter((row) => row.point === point);
  const main = of("main.energy");
  expect(main).toHaveLength(quarters - 1);
  const expected = Array.from({ length: quarters }, (_, q) => (q === 5 ? 5 : mainJoules(q)));
  expected.splice(MISSING, 1);
  expect(main.map(({ joules }) => Number(joules))).toEqual(expected);
  expect(main.map(({ value }) => Number(value))).toEqual(expected);
  // The day clocks went forward: 01:45 is followed by 03:00.
  expect(main.slice(103, 106).map((row) => [row.time, row.local_time])).toEqual([
    ["2026-03-08T07:00:00.000Z", "2026-03-08T03:00:00-04:00"],
    ["2026-03-08T07:15:00.000Z", "2026-03-08T03:15:00-04:00"],
    ["2026-03-08T07:30:00.000Z", "2026-03-08T03:30:00-04:00"],
  ]);

  expect(
    rows.filter(({ corrected }) => corrected === "true").map(({ point, time }) => [point, time]),
  ).toEqual([["main.energy", new Date(start + 5 * quarterMs).toISOString()]]);
  expect(
    rows.filter(({ late }) => late === "true").map(({ point, time }) => [point, time]),
  ).toEqual([["sub.energy", new Date(start + 10 * quarterMs).toISOString()]]);
  expect(new Set(of("bill.energy").map(({ trust }) => trust))).toEqual(new Set(["manual"]));
  expect(new Set(main.map(({ trust }) => trust))).toEqual(new Set(["device"]));
  expect(of("room.plain")).toMatchObject([
    { value: "-1.5", unit: "Cel", joules: "", place: "b1/floor-1/room-101", device: "room" },
  ]);
  // Each row names the entry that proves it, and the API agrees.
  const answered = await building.get(`points/main.energy/series?${span}&limit=1000`);
  const items = answered.json().items as { index: number; value: number; flags: string[] }[];
  const standing = items.filter(({ flags }) => !flags.includes("superseded"));
  expect(main.map(({ gateway, entry }) => [gateway, Number(entry)])).toEqual(
    standing.map(({ index }) => ["gw-1", index]),
  );
});

test("only the points that were asked for", async () => {
  const { rows } = await csv(`${span}&points=room.co2,room.people`);
  expect(new Set(rows.map(({ point }) => point))).toEqual(new Set(["room.co2", "room.people"]));
  expect(rows).toHaveLength(2 * quarters);
});

test("energy by step is the API's, with exact joules, completeness and who vouches for it", async () => {
  for (const step of ["P1D", "PT1H", "PT15M"]) {
    const { rows } = await csv(`${span}&of=energy&step=${step}`);
    const api = await building.get(`buildings/b1/energy?${span}&step=${step}`);
    const series = api.json().series as Record<string, number | string | null>[];
    const number = (text: string | undefined): number | null => (text === "" ? null : Number(text));
    expect(
      rows.map(({ start: at, kwh, peak_kw, received, expected, gaps, resets }) => ({
        start: at,
        kwh: number(kwh),
        peakKw: number(peak_kw),
        received: number(received),
        expected: number(expected),
        gaps: number(gaps),
        resets: number(resets),
      })),
    ).toEqual(series);
    expect(rows.reduce((sum, { joules }) => sum + Number(joules), 0)).toBe(
      Array.from({ length: quarters }, (_, q) =>
        q === 5 ? 5 : q === MISSING ? 0 : mainJoules(q),
      ).reduce((sum, joules) => sum + joules, 0),
    );
    // The bill, entered by a person, tells the main meter's energy again: it is not added.
    expect(new Set(rows.map(({ trust }) => trust))).toEqual(new Set(["device"]));
  }
});

test("occupancy by step is the API's", async () => {
  const { rows } = await csv(`${span}&of=occupancy&step=PT1H`);
  const api = await building.get(`buildings/b1/occupancy?${span}&step=PT1H`);
  const series = api.json().series as { mean: number; peak: number; received: number }[];
  expect(
    rows.map(({ mean_persons, peak_persons, received }) => [mean_persons, peak_persons, received]),
  ).toEqual(series.map(({ mean, peak, received }) => [mean, peak, received].map(String)));
});

test("completeness of each point: received and owed", async () => {
  const { rows } = await csv(`${span}&of=completeness`);
  const of = (point: string) => rows.find((row) => row.point === point);
  expect(of("main.energy")).toMatchObject({ received: "283", expected: "284", trust: "device" });
  const told = Array.from({ length: quarters }, (_, q) => q).filter(heard).length;
  expect(of("sub.energy")).toMatchObject({ received: String(told), expected: "284" });
  expect(of("bill.energy")).toMatchObject({ received: "10", expected: "284", trust: "manual" });
  expect(of("room.plain")).toMatchObject({ readings: "1", received: "", expected: "" });
  expect(of("room.odd")).toMatchObject({ readings: "0" });
});

test("what cannot be answered is a problem with a code", async () => {
  const refusal = async (path: string) => {
    const answer = await building.get(`buildings/${path}`);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    return [answer.statusCode, answer.json().code];
  };
  expect(await refusal("b9/export?format=csv")).toEqual([404, "query.unknown"]);
  expect(await refusal("b1/export?format=csv&points=no.such")).toEqual([404, "query.unknown"]);
  expect(await refusal("b2/export?format=csv&points=main.energy")).toEqual([404, "query.unknown"]);
  expect(await refusal(`b1/export?format=csv&from=${TO}&to=${FROM}`)).toEqual([
    422,
    "query.period",
  ]);
  expect(await refusal("b1/export?format=xlsx")).toEqual([400, "request.invalid"]);
  expect(await refusal("b1/export?format=csv&what=ever")).toEqual([400, "request.invalid"]);
  expect(await refusal("b1/export?format=greenbutton&points=room.co2")).toEqual([
    400,
    "query.format",
  ]);
  expect(
    await refusal("b1/export?format=csv&of=energy&step=PT15M&from=2020-01-01T00:00:00Z"),
  ).toEqual([422, "query.range"]);
});

test("a building without points gives a table without rows", async () => {
  const answer = await building.get(`buildings/b2/export?format=csv&${span}`);
  expect(readCsv(answer.body)).toEqual([]);
  expect(answer.body).toMatch(/^time,/);
});

test("single readings need the token, figures by day and the model do not", async () => {
  const guarded = await startSampleBuilding("a".repeat(32));
  try {
    const ask = async (query: string, headers?: Readonly<Record<string, string>>) =>
      (await guarded.get(`buildings/b1/export?${span}&${query}`, headers)).statusCode;
    const closed = [
      "format=csv",
      "format=parquet",
      "format=greenbutton",
      "format=csv&of=energy&step=PT1H",
      "format=csv&of=occupancy&step=PT15M",
    ];
    for (const query of closed) {
      expect(await ask(query), query).toBe(401);
      expect(await ask(query, { authorization: `Bearer ${"a".repeat(32)}` }), query).toBe(200);
      expect(await ask(query, { authorization: `Bearer ${"b".repeat(32)}` }), query).toBe(401);
    }
    for (const query of [
      "format=csv&of=energy",
      "format=csv&of=occupancy&step=P1M",
      "format=csv&of=completeness",
      "format=brick",
    ])
      expect(await ask(query), query).toBe(200);
  } finally {
    await guarded.close();
  }
});

test("a counter's readings are totals, not steps", async () => {
  const { rows } = await csv(`${span}&points=sub.energy`);
  expect(rows.map(({ joules }) => Number(joules))).toEqual(
    Array.from({ length: quarters }, (_, q) => q)
      .filter(heard)
      .map(counted),
  );
});
