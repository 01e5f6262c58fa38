// Lines come out whole, wherever the stream is cut.
import { expect, test } from "vitest";
import { linesOf } from "./lines.ts";

async function lines(...chunks: string[]) {
  const found: string[] = [];
  for await (const line of linesOf(chunks)) found.push(line);
  return found;
}

test("cuts anywhere, both line ends, empty lines, no last line end", async () => {
  expect(await lines("a\r", "\nb", "b\n\nc")).toEqual(["a", "bb", "", "c"]);
  expect(await lines("a\n")).toEqual(["a"]);
  expect(await lines()).toEqual([]);
});

test("a line without end is refused", async () => {
  await expect(lines("x".repeat(40_000), "x".repeat(40_000))).rejects.toMatchObject({
    code: "senml.json",
  });
});
