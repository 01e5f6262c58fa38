// One gateway's published log as static files: entry bundles, hash tiles, checkpoint (F3, C2SP tlog-tiles).

import {
  asHash32,
  CompactRange,
  concat,
  decodeEntries,
  edgeFromTiles,
  encodeEntries,
  entriesPath,
  equal,
  fromUtf8,
  type Hash32,
  leafHash,
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  tilePath,
  tilesForGrowth,
  toHex,
  utf8,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { ArchiveStorage, NamedFile } from "./storage.ts";

/** What is published: the note's text parsed, and the note itself. */
interface Published {
  readonly size: number;
  readonly root: Hash32;
  readonly note: string;
}

/** A hash tile, or the entry bundle that lies beside the tile of level 0. */
interface TileName {
  readonly level: number | "entries";
  readonly index: number;
  readonly width: number;
}

/** The files of one gateway's log. Appending is one run of the same function, whether for the first time or after a crash. */
export class GatewayLog {
  readonly #storage: ArchiveStorage;
  readonly #gateway: string;
  #published: Published | null = null;

  private constructor(storage: ArchiveStorage, gateway: string) {
    this.#storage = storage;
    this.#gateway = gateway;
  }

  static async open(storage: ArchiveStorage, gateway: string): Promise<GatewayLog> {
    const log = new GatewayLog(storage, gateway);
    const note = await storage.read(`${gateway}/checkpoint`);
    if (note !== null) log.#published = publishedOf(fromUtf8(note));
    return log;
  }

  get size(): number {
    return this.#published?.size ?? 0;
  }

  get checkpoint(): string | null {
    return this.#published?.note ?? null;
  }

  /** Appends the entries and publishes `note`, whose size and root they must lead to. */
  async append(entries: readonly Uint8Array[], note: string): Promise<void> {
    const next = publishedOf(note);
    const files = await this.#grow(entries, next);

    await this.#storage.writeAll(files.filter(([name]) => name.includes("/tile/entries/")));
    // Die here: bundles beyond the checkpoint, which nothing refers to; the next run writes the same bytes again.
    await this.#storage.writeAll(files.filter(([name]) => !name.includes("/tile/entries/")));
    // Die here: as before, with hash tiles too. The old partial tiles are still there for the old checkpoint.
    await this.#storage.writeAll([[`${this.#gateway}/checkpoint`, utf8(note)]]);
    // Die here: published. Partial tiles of the old size are left over, removed by tidy().
    this.#published = next;
  }

  /** Removes the partial tiles of an older size that wider ones have replaced. */
  async tidy(olderSize: number): Promise<void> {
    const names: string[] = [];
    for (
      let level = 0, stored = olderSize;
      stored > 0;
      level++, stored = Math.floor(stored / TILE_WIDTH)
    ) {
      const width = stored % TILE_WIDTH;
      const tile = { level, index: Math.floor(stored / TILE_WIDTH), width };
      if (width === 0 || width === this.#storedWidth(level, tile.index)) continue;
      names.push(this.#path(tile));
      if (level === 0) names.push(this.#path({ ...tile, level: "entries" }));
    }
    await this.#storage.removeAll(names);
  }

  /** A file by its tlog-tiles path. Only the widest tile is kept: a narrower one is its beginning. */
  async readTile(path: string): Promise<Uint8Array | null> {
    const wanted = parseTilePath(path);
    if (wanted === null) return null;
    for (;;) {
      const size = this.size;
      const width = this.#storedWidth(wanted.level, wanted.index);
      if (width < wanted.width) return null;
      const bytes = await this.#storage.read(this.#path({ ...wanted, width }));
      if (bytes !== null) return cut(bytes, wanted, width);
      // A publication replaced the partial tile between the two lines above; else it is lost.
      if (size === this.size)
        throw new LedgerError("archive.lost", this.#path({ ...wanted, width }));
    }
  }

  async #grow(entries: readonly Uint8Array[], next: Published): Promise<NamedFile[]> {
    const from = this.size;
    const readTile = (path: string) => this.readTile(path);
    const range = CompactRange.from(from, await edgeFromTiles(from, readTile));
    if (this.#published !== null && !equal(range.root(), this.#published.root)) {
      throw new LedgerError(
        "archive.lost",
        `tiles of ${this.#gateway} do not lead to its checkpoint of size ${from}`,
      );
    }

    const grown: Hash32[][] = [];
    for (const entry of entries) {
      range.append(leafHash(entry), (level, _index, hash) => {
        if (level % 8 !== 0) return;
        grown[level / 8] ??= [];
        grown[level / 8]!.push(hash);
      });
    }
    if (range.size !== next.size || !equal(range.root(), next.root)) {
      throw new LedgerError(
        "archive.root",
        `entries lead ${this.#gateway} to ${range.size} ${toHex(range.root())}, not ${next.size} ${toHex(next.root)}`,
      );
    }

    const files: NamedFile[] = [];
    for (const tile of tilesForGrowth(from, next.size)) {
      const before = Math.floor(from / TILE_WIDTH ** tile.level);
      const kept = Math.min(TILE_WIDTH, Math.max(0, before - tile.index * TILE_WIDTH));
      const first = tile.index * TILE_WIDTH + kept - before;
      const last = tile.index * TILE_WIDTH + tile.width - before;
      const add = async (name: TileName, rest: Uint8Array) => {
        const head =
          kept === 0
            ? new Uint8Array(0)
            : await this.#storage.read(this.#path({ ...name, width: kept }));
        if (head === null)
          throw new LedgerError("archive.lost", this.#path({ ...name, width: kept }));
        files.push([this.#path(name), concat(head, rest)]);
      };
      await add(tile, concat(...grown[tile.level]!.slice(first, last)));
      if (tile.level === 0)
        await add({ ...tile, level: "entries" }, encodeEntries(entries.slice(first, last)));
    }
    return files;
  }

  /** Width under which a tile of the published log lies in storage; 0 when it holds nothing yet. */
  #storedWidth(level: number | "entries", index: number): number {
    const stored = level === "entries" ? this.size : Math.floor(this.size / TILE_WIDTH ** level);
    return Math.min(TILE_WIDTH, Math.max(0, stored - index * TILE_WIDTH));
  }

  #path(tile: TileName): string {
    return `${this.#gateway}/${pathOf(tile)}`;
  }
}

function publishedOf(note: string): Published {
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { size, root: asHash32(root), note };
}

function pathOf({ level, index, width }: TileName): string {
  return level === "entries" ? entriesPath(index, width) : tilePath(level, index, width);
}

/** Null for anything that is not exactly how a tile is named. */
function parseTilePath(path: string): TileName | null {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return null;
  const tile: TileName = {
    level: match[1] === "entries" ? "entries" : Number(match[1]),
    index: Number(match[2]!.replace(/[x/]/g, "")),
    width: match[3] === undefined ? TILE_WIDTH : Number(match[3]),
  };
  return tile.width > 0 && tile.width <= TILE_WIDTH && pathOf(tile) === path ? tile : null;
}

function cut(bytes: Uint8Array, wanted: TileName, width: number): Uint8Array {
  if (wanted.width === width) return bytes;
  if (wanted.level !== "entries") return bytes.subarray(0, wanted.width * 32);
  return encodeEntries(decodeEntries(bytes).slice(0, wanted.width));
}
