// The files by which a log grows: entries in, bundles and hash tiles out (F3, C2SP tlog-tiles).

import {
  asHash32,
  CompactRange,
  concat,
  encodeEntries,
  entriesPath,
  type Hash32,
  TILE_WIDTH,
  type TileReader,
  tilePath,
  tilesForGrowth,
} from "@muniment/core";
import type { LogFile } from "./files.ts";

/** What a log of `from` leaves becomes with more entries. The same input gives the same bytes. */
export interface Growth {
  readonly from: number;
  readonly size: number;
  readonly root: Hash32;
  /** Right edge of the grown tree, as CompactRange.from() takes it. */
  readonly hashes: readonly Hash32[];
  readonly bundles: readonly LogFile[];
  readonly tiles: readonly LogFile[];
}

/** Grows the tree with right edge `hashes` by `entries`, whose leaf hashes are `leaves`. `read` supplies the partial tiles of size `from`. */
export async function grow(
  from: number,
  hashes: readonly Uint8Array[],
  entries: readonly Uint8Array[],
  leaves: readonly Uint8Array[],
  read: TileReader,
): Promise<Growth> {
  const range = CompactRange.from(from, hashes);
  /** New nodes at the foot of each tile level: `${tile level}` → index of the node → hash. */
  const feet: Map<number, Hash32>[] = [];
  for (const leaf of leaves) {
    range.append(asHash32(leaf), (level, index, hash) => {
      if (level % 8 !== 0) return;
      let foot = feet[level / 8];
      if (foot === undefined) {
        foot = new Map();
        feet[level / 8] = foot;
      }
      foot.set(index, hash);
    });
  }
  const size = range.size;
  const partial = async (width: number, path: string): Promise<Uint8Array> => {
    if (width <= 0) return new Uint8Array(0);
    const bytes = await read(path);
    if (bytes === null) throw new Error(`the log has ${from} leaves but no file ${path}`);
    return bytes;
  };

  const tiles = await Promise.all(
    tilesForGrowth(from, size).map(async ({ level, index, width }): Promise<LogFile> => {
      const first = index * TILE_WIDTH;
      const before = Math.max(0, Math.floor(from / TILE_WIDTH ** level) - first);
      const kept = await partial(before, tilePath(level, index, before));
      const added: Hash32[] = [];
      for (let at = before; at < width; at++) added.push(feet[level]!.get(first + at)!);
      return { path: tilePath(level, index, width), bytes: concat(kept, ...added) };
    }),
  );

  const bundles: Promise<LogFile>[] = [];
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < size; index++) {
    const first = index * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, size - first);
    const before = Math.max(0, from - first);
    const added = encodeEntries(entries.slice(first + before - from, first + width - from));
    bundles.push(
      // A bundle is its entries framed one after the other, so the old partial one is a prefix of it.
      partial(before, entriesPath(index, before)).then((kept) => ({
        path: entriesPath(index, width),
        bytes: concat(kept, added),
      })),
    );
  }
  return {
    from,
    size,
    root: range.root(),
    hashes: range.hashes(),
    bundles: await Promise.all(bundles),
    tiles,
  };
}

/** Folders of partial files that full ones replaced when the log grew; a reader falls back to the full one. Only the
 * tiles at the old right edge had partial files. */
export function partialsReplaced(from: number, size: number): string[] {
  const full = tilesForGrowth(from, size).filter(
    ({ level, index, width }) =>
      width === TILE_WIDTH && index * TILE_WIDTH < Math.floor(from / TILE_WIDTH ** level),
  );
  return full.flatMap(({ level, index }) => {
    const hashes = `${tilePath(level, index)}.p`;
    return level === 0 ? [hashes, `${entriesPath(index)}.p`] : [hashes];
  });
}
