// Rules: what may be left out, and what is refused and named.

import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { parseRule } from "./rule.ts";
import { AlarmSettings } from "./settings.ts";

it("fills in what is left out", () => {
  expect(parseRule({ id: "co2", kind: "above", limit: 1_000 })).toEqual({
    id: "co2",
    kind: "above",
    title: "co2",
    severity: "warning",
    channels: null,
    holdOffSeconds: 600,
    where: {},
    limit: 1_000,
    clear: 1_000,
    forSeconds: 0,
    clearForSeconds: 0,
    perSeconds: 3_600,
    during: "always",
  });
  expect(parseRule({ id: "s", kind: "silence" })).toMatchObject({
    intervals: 3,
    atLeastSeconds: 900,
  });
  expect(parseRule({ id: "q", kind: "quarantine", limit: 5 })).toMatchObject({
    windowSeconds: 3_600,
  });
  expect(parseRule({ id: "g", kind: "gateway-lag", limitSeconds: 60 })).toMatchObject({
    clearSeconds: 60,
  });
});

it("takes a dead band as a clear limit on the inner side", () => {
  expect(parseRule({ id: "a", kind: "above", limit: 10, deadband: 3 })).toMatchObject({ clear: 7 });
  expect(parseRule({ id: "b", kind: "below", limit: 10, deadband: 3 })).toMatchObject({
    clear: 13,
  });
});

it("reads its own output to the same", () => {
  for (const body of [
    {
      id: "a",
      kind: "rate-below",
      limit: -5,
      deadband: 1,
      during: "open",
      where: { building: "b1" },
    },
    { id: "c", kind: "completeness", limit: 0.9, of: "building" },
    { id: "s", kind: "silence", where: { place: "b1/floor-1" }, channels: [] },
  ]) {
    const rule = parseRule(body);
    expect(parseRule(JSON.parse(JSON.stringify(rule)))).toEqual(rule);
  }
});

it("takes the rules and the settings of docs/alarms.md", async () => {
  const page = await readFile(new URL("../../docs/alarms.md", import.meta.url), "utf8");
  const [rules, settings] = [...page.matchAll(/```json\n(.*?)```/gs)].map(
    ([, json]) => JSON.parse(json!) as unknown,
  ) as [unknown[], { alarms: unknown }];
  expect(rules.map((rule) => parseRule(rule).id)).toHaveLength(7);
  expect(AlarmSettings.parse(settings.alarms)).toMatchObject({
    stormMax: 20,
    giveUpSeconds: 86_400,
  });
});

it.each<[unknown, RegExp]>([
  [null, /kind: expected above/],
  [{ id: "x", kind: "around", limit: 1 }, /kind: expected .*got "around"/],
  [{ id: "x", kind: "above" }, /limit/],
  [{ id: "X", kind: "above", limit: 1 }, /id: .*pattern/],
  [{ id: "x", kind: "above", limit: "1" }, /limit: must be number/],
  [{ id: "x", kind: "above", limit: 1, limits: 2 }, /additional properties: limits/],
  [{ id: "x", kind: "above", limit: 1, where: { bulding: "b" } }, /where.*bulding/],
  [{ id: "x", kind: "above", limit: 1, clear: 2 }, /clear: expected at most/],
  [{ id: "x", kind: "below", limit: 1, clear: 0 }, /clear: expected at least/],
  [{ id: "x", kind: "above", limit: 1, clear: 0, deadband: 1 }, /deadband: expected either/],
  [{ id: "x", kind: "above", limit: 1, deadband: -1 }, /deadband/],
  [{ id: "x", kind: "above", limit: 1, severity: "bad" }, /severity: .*info, warning, critical/],
  [{ id: "x", kind: "above", limit: 1, title: "a\nBcc: b@example.org" }, /title/],
  [{ id: "x", kind: "silence", during: "night" }, /during/],
  [{ id: "x", kind: "silence", limit: 3 }, /additional properties: limit/],
  [{ id: "x", kind: "completeness", limit: 1.5 }, /limit/],
  [{ id: "x", kind: "completeness", limit: 0.9, clear: 0.8 }, /clear/],
  [{ id: "x", kind: "gateway-lag", limitSeconds: 60, clearSeconds: 61 }, /clearSeconds/],
])("refuses %j and names it", (body, named) => {
  expect(() => parseRule(body)).toThrow(
    expect.objectContaining({ code: "alarm.rule", message: expect.stringMatching(named) }),
  );
});
