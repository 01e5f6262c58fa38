// What is said of devices.
import { expect, test } from "vitest";
import { birthWords, clockWords, deviceProblems } from "./device-health.ts";

const birth = (agrees: boolean) => ({
  at: "2026-11-22T12:00:00Z",
  gateway: "gw-1",
  index: 1,
  boot: null,
  agrees,
  points: [],
  missing: [],
});
const well = {
  status: "active",
  lastStatementAt: "2026-11-22T12:00:00Z",
  silent: false,
  birth: null,
  state: null,
  points: ["d.temp"],
};

test("a device that is well has no problem", () => {
  expect(deviceProblems(well)).toEqual([]);
  expect(deviceProblems({ ...well, birth: birth(true), state: "ready" })).toEqual([]);
});

test("problems, gravest first", () => {
  const ill = { ...well, status: "revoked", silent: true, state: "alert", birth: birth(false) };
  expect(deviceProblems(ill)).toEqual([
    "key is revoked",
    "silent",
    "says it needs help",
    "birth differs from the registry",
  ]);
  expect(deviceProblems({ ...well, lastStatementAt: null, silent: true })).toEqual(["never heard"]);
  expect(deviceProblems({ ...well, lastStatementAt: null, points: [] })).toEqual([]);
});

test("clock and birth in words; not said is not well", () => {
  expect(clockWords("synced")).toBe("kept in time");
  expect(clockWords(null)).toBe("not said");
  expect([null, birth(true), birth(false)].map(birthWords)).toEqual([
    "none yet",
    "agrees",
    "differs",
  ]);
});
