// CSV as RFC 4180 writes it, in chunks of any size.
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvRecords } from "./csv.ts";

async function records(...chunks: string[]) {
  const found: (readonly string[])[] = [];
  for await (const { fields } of csvRecords(chunks)) found.push(fields);
  return found;
}

test("plain, empty and quoted fields, both line ends, no last line end", async () => {
  expect(await records('a,b,c\r\n1,,3\n"x, ""y""\nz",,')).toEqual([
    ["a", "b", "c"],
    ["1", "", "3"],
    ['x, "y"\nz', "", ""],
  ]);
});

test("a byte order mark and blank lines are no data", async () => {
  expect(await records("\uFEFFa,b\n\n1,2\n\n")).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
});

test("lines are counted for messages, also within quotes", async () => {
  const lines: number[] = [];
  for await (const { line } of csvRecords(['h\n"a\nb"\nc\n'])) lines.push(line);
  expect(lines).toEqual([1, 2, 4]);
});

test("an open quote and text after a closing quote are refused with their line", async () => {
  await expect(records('a\n"b')).rejects.toMatchObject({ code: "csv.format", message: /line 2/ });
  await expect(records('a\n"b"c\n')).rejects.toMatchObject({
    code: "csv.format",
    message: /line 2/,
  });
});

test("what was written is read, wherever the text is cut", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "é") });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 })),
      fc.nat(40),
      async (rows, cut) => {
        const text = rows
          .map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(","))
          .join("\n");
        expect(await records(text.slice(0, cut), text.slice(cut))).toEqual(rows);
      },
    ),
    { numRuns: 200 },
  );
});
