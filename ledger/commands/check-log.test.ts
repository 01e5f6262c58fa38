// fsck against logs made here, whole and damaged: each kind of damage is found and named.
import {
  CompactRange,
  concat,
  encodeEntries,
  entriesPath,
  type Hash32,
  leafHash,
  tilePath,
  utf8,
} from "@muniment/core";
import { expect, test } from "vitest";
import { checkLog, rootProblem } from "./check-log.ts";

/** A tlog-tiles log of so many entries as files, written straight from the specification. */
function makeLog(size: number) {
  const entries = Array.from({ length: size }, (_, index) => utf8(`entry ${index}`));
  const files = new Map<string, Uint8Array>();
  const range = new CompactRange();
  const levels: Hash32[][] = [];
  for (const entry of entries) {
    range.append(leafHash(entry), (level, _index, hash) => {
      if (level % 8 !== 0) return;
      levels[level / 8] ??= [];
      levels[level / 8]?.push(hash);
    });
  }
  for (let at = 0; at < size; at += 256) {
    const bundle = entries.slice(at, at + 256);
    files.set(entriesPath(at / 256, bundle.length), encodeEntries(bundle));
  }
  for (const [level, hashes] of levels.entries()) {
    for (let at = 0; at < hashes.length; at += 256) {
      const tile = hashes.slice(at, at + 256);
      files.set(tilePath(level, at / 256, tile.length), concat(...tile));
    }
  }
  return { files, root: range.root(), read: async (path: string) => files.get(path) ?? null };
}

test.each([0, 1, 255, 256, 257, 70_000])(
  "a whole log of %i entries has no problems and the right root",
  async (size) => {
    const log = makeLog(size);
    const report = await checkLog(size, log.read);
    expect(report.problems).toEqual([]);
    expect(rootProblem(report, { size, root: log.root })).toBeNull();
    expect(report.tilesChecked).toBe(
      [...log.files.keys()].filter((path) => !path.includes("entries")).length,
    );
  },
);

test("a flipped bit in any file is found, and the file is named", async () => {
  const size = 600;
  for (const path of makeLog(size).files.keys()) {
    const log = makeLog(size);
    const bytes = log.files.get(path)!;
    bytes[bytes.length - 1]! ^= 1;
    const report = await checkLog(size, log.read);
    expect(report.problems.length, path).toBeGreaterThan(0);
    if (!path.includes("entries"))
      expect(report.problems.map((problem) => problem.path)).toContain(path);
    else expect(rootProblem(report, { size, root: log.root })).toMatch(/root/);
  }
});

test("a missing file is found, and a full tile stands for a partial one", async () => {
  const log = makeLog(600);
  log.files.delete("tile/0/001");
  expect((await checkLog(600, log.read)).problems).toEqual([
    { path: "tile/0/001", says: "expected a tile, found none" },
  ]);
  const grown = makeLog(768);
  expect(
    (await checkLog(600, grown.read)).problems.filter(({ path }) => path.startsWith("tile/0")),
  ).toEqual([]);
  const cut = makeLog(600);
  cut.files.delete("tile/entries/001");
  expect((await checkLog(600, cut.read)).problems.at(0)).toMatchObject({
    path: "tile/entries/001",
  });
});
