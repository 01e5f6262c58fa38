// SenML JSON lines: the examples of RFC 8428 5.1 and what is refused.
import { expect, test } from "vitest";
import { parseSenmlJson } from "./senml-json.ts";

const now = 1_700_000_000;

test("RFC 8428 5.1.2: base name, time, unit and version; relative times", () => {
  const line = JSON.stringify([
    {
      bn: "urn:dev:ow:10e2073a0108006:",
      bt: 1.276020076001e9,
      bu: "A",
      bver: 5,
      n: "voltage",
      u: "V",
      v: 120.1,
    },
    { n: "current", t: -5, v: 1.2 },
    { n: "current", v: 1.7 },
  ]);
  expect(parseSenmlJson(line, now)).toEqual([
    { name: "urn:dev:ow:10e2073a0108006:voltage", unit: "V", value: 120.1, time: 1.276020076001e9 },
    { name: "urn:dev:ow:10e2073a0108006:current", unit: "A", value: 1.2, time: 1.276020071001e9 },
    { name: "urn:dev:ow:10e2073a0108006:current", unit: "A", value: 1.7, time: 1.276020076001e9 },
  ]);
});

test("a record without brackets; no time means now; text, boolean and data values", () => {
  expect(parseSenmlJson('{"n":"a","vs":"on"}', now)).toEqual([
    { name: "a", value: "on", time: now },
  ]);
  expect(parseSenmlJson('{"n":"a","vb":false,"t":-10}', now)).toEqual([
    { name: "a", value: false, time: now - 10 },
  ]);
  expect(parseSenmlJson('{"n":"a","vd":"AQI"}', now)).toEqual([
    { name: "a", value: Uint8Array.of(1, 2), time: now },
  ]);
});

test("base values are added", () => {
  expect(
    parseSenmlJson('[{"bv":20,"n":"t","v":1.5},{"n":"t","t":60}]', now).map(({ value }) => value),
  ).toEqual([21.5, 20]);
});

test("anything else is refused", () => {
  for (const line of ["", "[]", "7", '{"n":"a","v":"1"}', '{"n":"a","wrong":1}']) {
    expect(() => parseSenmlJson(line, now)).toThrow(/SenML JSON/);
  }
});
