// Buckets against a calendar kept by hand: clock changes of New York in 2026 (8 March, 1 November) and zones with odd offsets.

import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { bucketsOf } from "./steps.ts";
import { offsets } from "./time-zone.ts";

const hour = 3_600_000;
const at = (text: string): number => Date.parse(text);
const newYork = "America/New_York";

test("offsets change at the second of the clock change", () => {
  expect(offsets(newYork, at("2026-03-01T00:00:00Z"), at("2026-12-01T00:00:00Z"))).toEqual([
    { from: at("2026-03-01T00:00:00Z"), offset: -5 * hour },
    { from: at("2026-03-08T07:00:00Z"), offset: -4 * hour },
    { from: at("2026-11-01T06:00:00Z"), offset: -5 * hour },
  ]);
  expect(offsets("Asia/Kathmandu", 0, 1)[0]!.offset).toBe(5.5 * hour);
  expect(
    offsets("Asia/Kathmandu", at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"))[0]!.offset,
  ).toBe(5.75 * hour);
});

test("local days are 23 and 25 hours long when clocks change", () => {
  const spring = bucketsOf(at("2026-03-07T05:00:00Z"), at("2026-03-10T04:00:00Z"), "P1D", newYork);
  expect(
    spring.list.map(({ start, end }) => [new Date(start).toISOString(), (end - start) / hour]),
  ).toEqual([
    ["2026-03-07T05:00:00.000Z", 24],
    ["2026-03-08T05:00:00.000Z", 23],
    ["2026-03-09T04:00:00.000Z", 24],
  ]);
  expect(spring.hourly).toBe(true);
  const autumn = bucketsOf(at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z"), "P1D", newYork);
  expect(autumn.list.map(({ start, end }) => (end - start) / hour)).toEqual([25]);
});

test("hours and quarters run on through a clock change, none twice", () => {
  const hours = bucketsOf(at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z"), "PT1H", newYork);
  expect(hours.list).toHaveLength(25);
  expect(new Set(hours.list.map(({ key }) => key)).size).toBe(25);
  expect(
    bucketsOf(at("2026-03-08T05:00:00Z"), at("2026-03-09T04:00:00Z"), "PT15M", newYork).list,
  ).toHaveLength(92);
  expect(
    bucketsOf(at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z"), "PT15M", newYork).list,
  ).toHaveLength(100);
});

test("an offset of half an hour shifts hours too, and only samples can serve then", () => {
  const hours = bucketsOf(
    at("2026-01-01T00:00:00Z"),
    at("2026-01-01T03:00:00Z"),
    "PT1H",
    "Asia/Kolkata",
  );
  expect(hours.list.map(({ start }) => new Date(start).toISOString().slice(11, 16))).toEqual([
    "00:00",
    "00:30",
    "01:30",
    "02:30",
  ]);
  expect(hours.hourly).toBe(false);
});

test("months are civil months, and a period may begin and end inside one", () => {
  const months = bucketsOf(at("2026-02-10T00:00:00Z"), at("2026-04-10T00:00:00Z"), "P1M", newYork);
  expect(
    months.list.map(({ start, end }) => [start, end].map((ms) => new Date(ms).toISOString())),
  ).toEqual([
    ["2026-02-10T00:00:00.000Z", "2026-03-01T05:00:00.000Z"],
    ["2026-03-01T05:00:00.000Z", "2026-04-01T04:00:00.000Z"],
    ["2026-04-01T04:00:00.000Z", "2026-04-10T00:00:00.000Z"],
  ]);
});

test("SQL puts every instant into the bucket that holds it", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const zone of [newYork, "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]) {
    for (const step of ["PT15M", "PT1H", "P1D", "P1M"] as const) {
      for (const [from, to] of [
        ["2026-03-07T00:00:00Z", "2026-03-10T01:00:00Z"],
        ["2026-10-31T00:00:00Z", "2026-11-02T07:00:00Z"],
      ] as const) {
        const buckets = bucketsOf(at(from), at(to), step, zone);
        const times = buckets.list.flatMap(({ start, end }) => [
          start,
          Math.floor((start + end) / 2),
          end - 1,
        ]);
        const keys = buckets.list.flatMap(({ key }) => [key, key, key]);
        const reader = await connection.runAndReadAll(
          `SELECT ${buckets.keySql("t")} FROM (SELECT unnest([${times.join(",")}])::BIGINT AS t)`,
        );
        expect(
          reader.getRowsJS().map(([key]) => Number(key)),
          `${zone} ${step} ${from}`,
        ).toEqual(keys);
        expect(buckets.list[0]!.start).toBe(at(from));
        expect(buckets.list.at(-1)!.end).toBe(at(to));
      }
    }
  }
  connection.closeSync();
  instance.closeSync();
});
