// The maps that come with the simulator are valid; others are refused with the place of the mistake.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { devicesOfMap } from "./replay.ts";
import { parseReplayMap } from "./replay-map.ts";

const folder = join(import.meta.dirname, "maps");

test.each(readdirSync(folder))("%s is a map that says how its file is read", (name) => {
  const map = parseReplayMap(readFileSync(join(folder, name), "utf8"));
  expect(map.note).toMatch(/times? /);
  for (const column of map.columns) {
    // Energy becomes integer joules of the interval that starts at the row's time.
    if (column.unit === "J")
      expect(column).toMatchObject({ kind: "interval", scale: 3_600_000, integer: true });
    if (column.kind === "interval") {
      expect(column.interval).toBeGreaterThan(0);
      expect(map.note).toMatch(/starts at its time/);
    }
  }
  for (const device of devicesOfMap(map)) {
    expect(device.building).toBe(map.building.id);
    expect(device.place.split("/")[0]).toBe(map.building.id);
  }
});

test("a map may say that a person vouches for the rows", () => {
  const text = readFileSync(join(folder, "bdg2-office.json"), "utf8");
  const map = parseReplayMap(JSON.stringify({ ...JSON.parse(text), trust: "manual" }));
  expect(devicesOfMap(map)[0]?.trust).toBe("manual");
  expect(devicesOfMap(parseReplayMap(text))[0]).not.toHaveProperty("trust");
});

test("mistakes are named", () => {
  expect(() => parseReplayMap("{")).toThrow(/JSON/);
  expect(() => parseReplayMap('{"format":"muniment-map/1"}')).toThrow(/building/);
  const text = readFileSync(join(folder, "bdg2-office.json"), "utf8");
  expect(() => parseReplayMap(text.replace("-05:00", "-5"))).toThrow(/IANA zone or an offset/);
  const map = JSON.parse(text);
  map.columns.push(map.columns[0]);
  expect(() => parseReplayMap(JSON.stringify(map))).toThrow(/twice/);
});
