// Tile paths: one spelling each, nothing else (C2SP tlog-tiles).

import { tilesForGrowth } from "@muniment/core";
import { expect, test } from "vitest";
import { partialTiles, pathOfTile, tileOfPath, widthAt } from "./tile-path.ts";

test.each([
  ["tile/0/000", { level: 0, index: 0, width: 256 }],
  ["tile/0/x001/234.p/5", { level: 0, index: 1234, width: 5 }],
  ["tile/10/x001/x234/067", { level: 10, index: 1_234_067, width: 256 }],
  ["tile/entries/255.p/255", { level: "entries" as const, index: 255, width: 255 }],
])("%s", (path, tile) => {
  expect(tileOfPath(path)).toEqual(tile);
  expect(pathOfTile(tile)).toBe(path);
});

test.each([
  "",
  "tile",
  "tile/0",
  "tile/00/000",
  "tile/0/0",
  "tile/0/000.p/0",
  "tile/0/000.p/256",
  "tile/0/000.p/05",
  "tile/0/x000/001",
  "tile/0/000/",
  "/tile/0/000",
  "tile/0/../000",
  "tile/-1/000",
  "tile/Entries/000",
  "tile/0/000\n",
])("refuses %j", (path) => {
  expect(tileOfPath(path)).toBeNull();
});

test("partial tiles and widths agree with the tiles that a growth writes", () => {
  for (const size of [
    1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 16_777_216, 16_777_473,
  ]) {
    const last = tilesForGrowth(size - 1, size);
    const partial = partialTiles(size).filter(({ level }) => level !== "entries");
    for (const tile of last) expect(widthAt(size, tile)).toBe(tile.width);
    expect(partial).toEqual(expect.arrayContaining(last.filter(({ width }) => width < 256)));
  }
});
