// Times as data sets write them.
import { expect, test } from "vitest";
import { timeReader } from "./replay-time.ts";
import { zone } from "./zone.ts";

const at = (iso: string) => ({ ok: true, time: Date.parse(iso) / 1000 });

test("a pattern in a fixed offset", () => {
  const read = timeReader("YYYY-MM-DD hh:mm:ss", zone("-05:00"));
  expect(read("2016-03-13 02:00:00")).toEqual(at("2016-03-13T07:00:00Z"));
  expect(read("2016-02-30 02:00:00")).toEqual({ ok: false, code: "time.format" });
  expect(read("2016-03-13T02:00:00")).toEqual({ ok: false, code: "time.format" });
});

test("day first, unpadded, without seconds", () => {
  expect(timeReader("DD/MM/YYYY hh:mm", zone("+00:00"))("1/2/2019 7:05")).toEqual(
    at("2019-02-01T07:05:00Z"),
  );
});

test("years in two digits are of this century", () => {
  const read = timeReader("MM/DD/YY hh:mm", zone("+00:00"));
  expect(read("7/24/05 0:30")).toEqual(at("2005-07-24T00:30:00Z"));
  expect(read("7/24/2005 0:30")).toEqual({ ok: false, code: "time.format" });
});

test("an hour that comes twice is taken in order, one that never came is refused", () => {
  const read = timeReader("YYYY-MM-DD hh:mm", zone("Europe/London"));
  expect(read("2019-03-31 01:00")).toEqual({ ok: false, code: "time.skipped" });
  expect(
    ["2019-10-27 00:00", "2019-10-27 01:00", "2019-10-27 01:00", "2019-10-27 02:00"].map(read),
  ).toEqual(
    [
      "2019-10-26T23:00:00Z",
      "2019-10-27T00:00:00Z",
      "2019-10-27T01:00:00Z",
      "2019-10-27T02:00:00Z",
    ].map(at),
  );
});

test("ISO with and without an offset, unix seconds and milliseconds", () => {
  const iso = timeReader("iso", zone("+01:00"));
  expect(iso("2026-01-01T12:00:00Z")).toEqual(at("2026-01-01T12:00:00Z"));
  expect(iso("2026-01-01 12:00")).toEqual(at("2026-01-01T11:00:00Z"));
  expect(timeReader("unix", zone("+00:00"))("1767225600")).toEqual(at("2026-01-01T00:00:00Z"));
  expect(timeReader("unix-ms", zone("+00:00"))("1767225600500")).toEqual(
    at("2026-01-01T00:00:00.500Z"),
  );
  expect(timeReader("unix", zone("+00:00"))("")).toEqual({ ok: false, code: "time.format" });
});
