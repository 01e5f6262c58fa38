// A log as static files (C2SP tlog-tiles): where each tile lies, and proofs read from them.

import { concat, u16be } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { asHash32, emptyRoot, type Hash32, leafHash, nodeHash } from "./hash.ts";
import { consistencyProof, inclusionProof, type NodeReader } from "./proof.ts";

/** Hashes or entries in a full tile. */
export const TILE_WIDTH = 256;
/** Tree levels that one tile spans. */
const TILE_HEIGHT = 8;
/** Longest entry that the two-byte length of a bundle can frame. */
export const ENTRY_BYTES_MAX = 65_535;

/** One tile: `width` is 256 when full, 1 to 255 when partial. */
export interface TileId {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Reads a file of a log by its path relative to the log's root; null where there is none. */
export type TileReader = (path: string) => Promise<Uint8Array | null>;

/** Path of a hash tile, such as `tile/0/x001/234.p/5`. */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${indexPath(index)}${partial(width)}`;
}

/** Path of an entry bundle, such as `tile/entries/000.p/7`. */
export function entriesPath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${partial(width)}`;
}

function partial(width: number): string {
  return width === TILE_WIDTH ? "" : `.p/${width}`;
}

/** 1234067 → x001/x234/067. */
function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return path;
}

/** The hash tiles that appear when a log grows, the partial ones at its new right edge included. */
export function tilesForGrowth(oldSize: number, newSize: number): TileId[] {
  const tiles: TileId[] = [];
  let before = oldSize;
  let after = newSize;
  for (let level = 0; after > 0; level++) {
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index++) {
      const width = Math.min(TILE_WIDTH, after - index * TILE_WIDTH);
      if (index * TILE_WIDTH + width > before) tiles.push({ level, index, width });
    }
    before = Math.floor(before / TILE_WIDTH);
    after = Math.floor(after / TILE_WIDTH);
  }
  return tiles;
}

/** Entries framed for a bundle: u16 big-endian length, then the entry. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX)
      throw new FormatError("tile.structure", `an entry of ${entry.length} bytes`);
    bytes.set(u16be(entry.length), at);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** Entries of a bundle; bytes that do not frame whole entries are `tile.structure`. */
export function decodeEntries(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) throw new FormatError("tile.structure", "a length is cut off");
    const length = (bytes[at]! << 8) | bytes[at + 1]!;
    at += 2;
    if (at + length > bytes.length) throw new FormatError("tile.structure", "an entry is cut off");
    entries.push(Uint8Array.prototype.slice.call(bytes, at, at + length)); // a Buffer's own slice() aliases
    at += length;
  }
  return entries;
}

/** The stored tile that holds node (level, index) in a log of `size` leaves. */
function tileOf(level: number, index: number, size: number): TileId {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const perTile = 2 ** (TILE_HEIGHT - (level % TILE_HEIGHT));
  const tileIndex = Math.floor(index / perTile);
  const stored = Math.floor(size / 2 ** (tileLevel * TILE_HEIGHT));
  return {
    level: tileLevel,
    index: tileIndex,
    width: Math.min(TILE_WIDTH, stored - tileIndex * TILE_WIDTH),
  };
}

/** A full tile may have replaced the partial one that this size would have had, so both are tried. */
async function fetchTile(
  tile: TileId,
  read: TileReader,
  pathOf: (width: number) => string,
): Promise<Uint8Array> {
  const bytes =
    (await read(pathOf(tile.width))) ??
    (tile.width < TILE_WIDTH ? await read(pathOf(TILE_WIDTH)) : null);
  if (bytes === null) throw new FormatError("tile.missing", pathOf(tile.width));
  return bytes;
}

/** Runs a proof twice: once to learn which nodes it reads, then on the nodes of the tiles fetched. */
async function withTiles<T>(
  size: number,
  readTile: TileReader,
  prove: (read: NodeReader) => T,
): Promise<T> {
  const wanted = new Map<string, TileId>();
  const blank = new Uint8Array(32) as Hash32;
  prove((level, index) => {
    const tile = tileOf(level, index, size);
    wanted.set(tilePath(tile.level, tile.index), tile);
    return blank;
  });
  const tiles = new Map<string, Uint8Array>();
  await Promise.all(
    Array.from(wanted, async ([key, tile]) => {
      const bytes = await fetchTile(tile, readTile, (width) =>
        tilePath(tile.level, tile.index, width),
      );
      if (bytes.length < tile.width * 32)
        throw new FormatError("tile.structure", `${key} has ${bytes.length} bytes`);
      tiles.set(key, bytes);
    }),
  );
  return prove((level, index) => {
    const tile = tileOf(level, index, size);
    const bytes = tiles.get(tilePath(tile.level, tile.index))!;
    const width = 2 ** (level % TILE_HEIGHT);
    return rootOfRun(bytes, (index * width) % TILE_WIDTH, width);
  });
}

function rootOfRun(tile: Uint8Array, from: number, width: number): Hash32 {
  if (width === 1) return asHash32(tile.slice(from * 32, from * 32 + 32));
  return nodeHash(rootOfRun(tile, from, width / 2), rootOfRun(tile, from + width / 2, width / 2));
}

/** Inclusion proof from tiles (RFC 9162 2.1.3.1). Errors: `tile.missing`, `proof.range`. */
export function proveInclusion(
  index: number,
  size: number,
  readTile: TileReader,
): Promise<Hash32[]> {
  return withTiles(size, readTile, (read) => inclusionProof(index, size, read));
}

/** Consistency proof from tiles (RFC 9162 2.1.4.1). Errors: `tile.missing`, `proof.range`. */
export function proveConsistency(
  size1: number,
  size2: number,
  readTile: TileReader,
): Promise<Hash32[]> {
  return withTiles(size2, readTile, (read) => consistencyProof(size1, size2, read));
}

/** The right edge of a log, largest subtree first: what CompactRange.from() takes. */
export function edgeFromTiles(size: number, readTile: TileReader): Promise<Hash32[]> {
  return withTiles(size, readTile, (read) => {
    const edge: Hash32[] = [];
    let start = 0;
    for (let level = 52; level >= 0; level--) {
      const width = 2 ** level;
      if (start + width <= size) {
        edge.push(read(level, start / width));
        start += width;
      }
    }
    return edge;
  });
}

/** Root of a log read from its tiles. */
export async function rootFromTiles(size: number, readTile: TileReader): Promise<Hash32> {
  const edge = await edgeFromTiles(size, readTile);
  let root = edge.pop() ?? emptyRoot();
  for (const hash of edge.reverse()) root = nodeHash(hash, root);
  return root;
}

/** Entries [from, to) of a log of `size`, read from its bundles. Errors: `tile.missing`, `tile.structure`. */
export async function readEntries(
  from: number,
  to: number,
  size: number,
  readTile: TileReader,
): Promise<Uint8Array[]> {
  if (!(from >= 0 && from <= to && to <= size))
    throw new FormatError("proof.range", `entries ${from} to ${to} of ${size}`);
  const entries: Uint8Array[] = [];
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index++) {
    const tile = { level: 0, index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) };
    const bundle = decodeEntries(
      await fetchTile(tile, readTile, (width) => entriesPath(index, width)),
    );
    if (bundle.length < tile.width)
      throw new FormatError(
        "tile.structure",
        `${entriesPath(index)} holds ${bundle.length} entries`,
      );
    entries.push(...bundle.slice(Math.max(0, from - index * TILE_WIDTH), to - index * TILE_WIDTH));
  }
  return entries;
}

/** Leaf hashes of entries, as a hash tile of level 0 holds them. */
export function leafTile(entries: readonly Uint8Array[]): Uint8Array {
  return concat(...entries.map(leafHash));
}
