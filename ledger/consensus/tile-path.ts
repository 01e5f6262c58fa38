// Which tile a path of the log names (C2SP tlog-tiles), strictly: one path, one tile.

import { entriesPath, TILE_WIDTH, tilePath } from "@muniment/core";

/** A hash tile of some level, or an entry bundle; `width` is 256 when full. */
export interface TileName {
  readonly level: number | "entries";
  readonly index: number;
  readonly width: number;
}

export function pathOfTile({ level, index, width }: TileName): string {
  return level === "entries" ? entriesPath(index, width) : tilePath(level, index, width);
}

/** The tile of a path; null for anything that is not exactly how a tile is named. */
export function tileOfPath(path: string): TileName | null {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (parts === null) return null;
  const tile: TileName = {
    level: parts[1] === "entries" ? "entries" : Number(parts[1]),
    index: Number(parts[2]!.replace(/[x/]/g, "")),
    width: parts[3] === undefined ? TILE_WIDTH : Number(parts[3]),
  };
  return tile.width >= 1 && tile.width <= TILE_WIDTH && pathOfTile(tile) === path ? tile : null;
}

/** Width that a tile has in a log of `size` leaves; 0 where it holds nothing yet. */
export function widthAt(size: number, { level, index }: Omit<TileName, "width">): number {
  const stored = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.min(TILE_WIDTH, Math.max(0, stored - index * TILE_WIDTH));
}

/** The partial tiles at the right edge of a log of `size` leaves. */
export function partialTiles(size: number): TileName[] {
  const tiles: TileName[] = [];
  for (
    let level = 0, stored = size;
    stored > 0;
    level++, stored = Math.floor(stored / TILE_WIDTH)
  ) {
    const width = stored % TILE_WIDTH;
    if (width === 0) continue;
    const index = Math.floor(stored / TILE_WIDTH);
    tiles.push({ level, index, width });
    if (level === 0) tiles.push({ level: "entries", index, width });
  }
  return tiles;
}
