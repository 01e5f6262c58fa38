// CSV cell by cell: quoting, formulas, numbers, times, and what is unknown.
import { expect, test } from "vitest";
import { offsetsIn } from "./civil-time.ts";
import { csvOf } from "./csv.ts";
import type { Cell, Column, Table } from "./table.ts";

async function textOf(columns: readonly Column[], rows: readonly (readonly Cell[])[]) {
  const period = { from: Date.UTC(2026, 2, 7), to: Date.UTC(2026, 2, 10) };
  const table: Table = {
    columns,
    offsetAt: offsetsIn("America/New_York", period),
    facts: {},
    async *rows() {
      yield rows;
    },
  };
  let text = "";
  for await (const piece of csvOf(table)) text += piece;
  return text;
}

test("text is quoted where it must be, and marked where a spreadsheet would run it", async () => {
  const cells = ["plain", 'say "x", y', "two\r\nlines", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", ""];
  expect(
    await textOf(
      [{ name: "text", type: "text" }],
      cells.map((cell) => [cell]),
    ),
  ).toBe(
    [
      "text",
      "plain",
      '"say ""x"", y"',
      '"two\r\nlines"',
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\t=1",
      "",
      "",
    ].join("\r\n"),
  );
});

test("numbers stay numbers, also below zero; what is unknown is empty", async () => {
  const columns: Column[] = [
    { name: "n", type: "number" },
    { name: "w", type: "whole" },
    { name: "t", type: "truth" },
  ];
  const rows = [
    [-1.5, -2, true],
    [1e21, 2 ** 53 - 1, false],
    [null, null, null],
  ];
  expect(await textOf(columns, rows)).toBe(
    "n,w,t\r\n-1.5,-2,true\r\n1e+21,9007199254740991,false\r\n,,\r\n",
  );
});

test("the same instant in UTC and in the building's own time, over a clock change", async () => {
  const columns: Column[] = [
    { name: "utc", type: "instant" },
    { name: "local", type: "civil" },
  ];
  const at = (text: string): number => Date.parse(text);
  const rows = ["2026-03-08T06:59:59.250Z", "2026-03-08T07:00:00Z", "2026-03-08T06:00:00Z"].map(
    (text) => [at(text), at(text)],
  );
  expect(await textOf(columns, rows)).toBe(
    [
      "utc,local",
      "2026-03-08T06:59:59.250Z,2026-03-08T01:59:59.250-05:00",
      "2026-03-08T07:00:00.000Z,2026-03-08T03:00:00-04:00",
      "2026-03-08T06:00:00.000Z,2026-03-08T01:00:00-05:00",
      "",
    ].join("\r\n"),
  );
});
