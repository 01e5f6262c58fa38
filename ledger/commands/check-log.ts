// Derives every tile and the root of a tlog-tiles log again, from its entries alone, and compares them with what is stored (RFC 9162 2.1.1).
import {
  CompactRange,
  decodeEntries,
  entriesPath,
  equal,
  type Hash32,
  leafHash,
  TILE_WIDTH,
  type TileReader,
  tilePath,
  toHex,
} from "@muniment/core";

export interface LogProblem {
  readonly path: string;
  readonly says: string;
}

export interface LogReport {
  readonly size: number;
  readonly root: Hash32;
  readonly tilesChecked: number;
  readonly problems: readonly LogProblem[];
}

const problemsMax = 100;
/** Levels of tiles that 2^53 entries need. */
const tileLevelsMax = 7;
const hashBytes = 32;

/** Checks the first `size` entries of a log. Every stored tile must hold exactly the hashes that follow from the entries. */
export async function checkLog(
  size: number,
  readTile: TileReader,
  onProgress: (entries: number) => void = () => {},
): Promise<LogReport> {
  const problems: LogProblem[] = [];
  const problem = (path: string, says: string) => {
    if (problems.length < problemsMax) problems.push({ path, says });
  };
  let tilesChecked = 0;

  /** A full tile may have replaced a partial one, so both names are tried. */
  const read = async (partial: string, full: string): Promise<Uint8Array | null> =>
    (await readTile(partial)) ?? (partial === full ? null : await readTile(full));

  // Hashes of the tile that grows on each level, and how many tiles of the level are complete.
  const open = Array.from({ length: tileLevelsMax }, () => ({ hashes: [] as Hash32[], index: 0 }));
  const range = new CompactRange();

  const compare = async (level: number, index: number, hashes: readonly Hash32[]) => {
    const path = tilePath(level, index, hashes.length);
    const stored = await read(path, tilePath(level, index));
    tilesChecked++;
    if (stored === null) return problem(path, "expected a tile, found none");
    const wrong = hashes.findIndex(
      (hash, at) => !equal(stored.subarray(at * hashBytes, (at + 1) * hashBytes), hash),
    );
    if (wrong >= 0) problem(path, `hash ${wrong} does not follow from the entries`);
    else if (stored.length % hashBytes !== 0)
      problem(path, `expected whole hashes, found ${stored.length} bytes`);
  };

  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const path = entriesPath(index, width);
    const bytes = await read(path, entriesPath(index));
    if (bytes === null) {
      problem(path, "expected a bundle of entries, found none");
      break;
    }
    const entries = bundle(bytes);
    if (entries === null || entries.length < width) {
      problem(
        path,
        `expected ${width} entries, found ${entries?.length ?? "bytes that frame none"}`,
      );
      break;
    }
    for (const entry of entries.slice(0, width)) {
      const full: { level: number; index: number; hashes: readonly Hash32[] }[] = [];
      range.append(leafHash(entry), (level, _index, hash) => {
        // Tile level L holds the nodes of tree level 8·L.
        const tile = level % 8 === 0 ? open[level / 8] : undefined;
        if (tile === undefined) return;
        tile.hashes.push(hash);
        if (tile.hashes.length < TILE_WIDTH) return;
        full.push({ level: level / 8, index: tile.index, hashes: tile.hashes });
        tile.hashes = [];
        tile.index++;
      });
      for (const tile of full) await compare(tile.level, tile.index, tile.hashes);
    }
    onProgress(range.size);
  }
  for (const [level, tile] of open.entries()) {
    if (tile.hashes.length > 0) await compare(level, tile.index, tile.hashes);
  }
  return { size: range.size, root: range.root(), tilesChecked, problems };
}

function bundle(bytes: Uint8Array): readonly Uint8Array[] | null {
  try {
    return decodeEntries(bytes);
  } catch {
    return null;
  }
}

/** What is wrong between a report and the checkpoint it was made for, or null. */
export function rootProblem(
  report: LogReport,
  checkpoint: { readonly size: number; readonly root: Uint8Array },
): string | null {
  if (report.size !== checkpoint.size)
    return `expected ${checkpoint.size} entries, found ${report.size}`;
  if (!equal(report.root, checkpoint.root)) {
    return `the checkpoint's root is ${toHex(checkpoint.root)}, the entries give ${toHex(report.root)}`;
  }
  return null;
}
