// Tiles: paths as in C2SP tlog-tiles, bundles, and what is said when a file is missing or short.

import { describe, expect, it } from "vitest";
import { concat, utf8 } from "./bytes.ts";
import { leafHash, nodeHash } from "./hash.ts";
import {
  decodeEntries,
  ENTRY_BYTES_MAX,
  encodeEntries,
  entriesPath,
  leafTile,
  proveInclusion,
  readEntries,
  rootFromTiles,
  tilePath,
  tilesForGrowth,
} from "./tiles.ts";

const refuses = (code: string) => expect.objectContaining({ code });

describe("paths", () => {
  it("group the index by three digits", () => {
    expect(tilePath(0, 0)).toBe("tile/0/000");
    expect(tilePath(0, 999)).toBe("tile/0/999");
    expect(tilePath(1, 1000)).toBe("tile/1/x001/000");
    expect(tilePath(0, 1_234_067)).toBe("tile/0/x001/x234/067");
    expect(tilePath(0, 1234, 5)).toBe("tile/0/x001/234.p/5");
    expect(tilePath(63, 0, 1)).toBe("tile/63/000.p/1");
    expect(entriesPath(1_234_067)).toBe("tile/entries/x001/x234/067");
    expect(entriesPath(0, 255)).toBe("tile/entries/000.p/255");
  });
});

describe("growth", () => {
  const names = (from: number, to: number): string[] =>
    tilesForGrowth(from, to).map(({ level, index, width }) => tilePath(level, index, width));

  it("names the tiles that change, partial ones included, and no other", () => {
    expect(names(0, 0)).toEqual([]);
    expect(names(5, 5)).toEqual([]);
    expect(names(0, 1)).toEqual(["tile/0/000.p/1"]);
    expect(names(1, 255)).toEqual(["tile/0/000.p/255"]);
    expect(names(255, 256)).toEqual(["tile/0/000", "tile/1/000.p/1"]);
    expect(names(256, 257)).toEqual(["tile/0/001.p/1"]);
    expect(names(200, 600)).toEqual([
      "tile/0/000",
      "tile/0/001",
      "tile/0/002.p/88",
      "tile/1/000.p/2",
    ]);
    expect(names(65_535, 65_536)).toEqual(["tile/0/255", "tile/1/000", "tile/2/000.p/1"]);
  });
});

describe("bundles", () => {
  it("frame entries of 0 to 65,535 bytes", () => {
    const entries = [new Uint8Array(0), utf8("one"), new Uint8Array(ENTRY_BYTES_MAX)];
    expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
    expect(() => encodeEntries([new Uint8Array(ENTRY_BYTES_MAX + 1)])).toThrow(
      refuses("tile.structure"),
    );
  });

  it("that end within a length or an entry are refused", () => {
    const bundle = encodeEntries([utf8("one"), utf8("two")]);
    for (const cut of [1, 3, 4, 6, 9])
      expect(() => decodeEntries(bundle.slice(0, cut)), String(cut)).toThrow(
        refuses("tile.structure"),
      );
    expect(decodeEntries(bundle.slice(0, 5))).toEqual([utf8("one")]);
  });
});

describe("reading a log", () => {
  const entries = ["one", "two", "three"].map(utf8);
  const files = new Map([
    ["tile/0/000.p/3", leafTile(entries)],
    ["tile/entries/000.p/3", encodeEntries(entries)],
  ]);
  const over =
    (changes: readonly (readonly [string, Uint8Array | null])[]) => async (path: string) =>
      new Map<string, Uint8Array | null>([...files, ...changes]).get(path) ?? null;

  it("gives root, proof and entries", async () => {
    const [a, b, c] = entries.map(leafHash) as [
      ReturnType<typeof leafHash>,
      ReturnType<typeof leafHash>,
      ReturnType<typeof leafHash>,
    ];
    expect(await rootFromTiles(3, over([]))).toEqual(nodeHash(nodeHash(a, b), c));
    expect(await proveInclusion(1, 3, over([]))).toEqual([a, c]);
    expect(await readEntries(1, 3, 3, over([]))).toEqual(entries.slice(1));
    expect(await readEntries(2, 2, 3, over([]))).toEqual([]);
  });

  it("takes a full tile where the partial one is gone", async () => {
    const full = concat(leafTile(entries), new Uint8Array(32 * 253));
    const grown = over([
      ["tile/0/000.p/3", null],
      ["tile/0/000", full],
    ]);
    expect(await rootFromTiles(3, grown)).toEqual(await rootFromTiles(3, over([])));
  });

  it("says which file is missing or too short", async () => {
    await expect(rootFromTiles(3, over([["tile/0/000.p/3", null]]))).rejects.toThrow(
      refuses("tile.missing"),
    );
    await expect(rootFromTiles(3, over([["tile/0/000.p/3", new Uint8Array(95)]]))).rejects.toThrow(
      refuses("tile.structure"),
    );
    await expect(
      readEntries(0, 3, 3, over([["tile/entries/000.p/3", encodeEntries(entries.slice(1))]])),
    ).rejects.toThrow(refuses("tile.structure"));
    await expect(readEntries(0, 4, 3, over([]))).rejects.toThrow(refuses("proof.range"));
    await expect(proveInclusion(3, 3, over([]))).rejects.toThrow(refuses("proof.range"));
  });
});
