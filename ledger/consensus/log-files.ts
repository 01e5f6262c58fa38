// The ledger's own log as static files (F5, C2SP tlog-tiles): derived from the state store, and made again from it when lost.

import {
  asHash32,
  CompactRange,
  concat,
  decodeEntries,
  edgeFromTiles,
  encodeEntries,
  equal,
  FormatError,
  fromUtf8,
  type Hash32,
  leafHash,
  parseCheckpoint,
  parseNote,
  proveConsistency,
  TILE_WIDTH,
  utf8,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { Files } from "../ports.ts";
import { partialTiles, pathOfTile, type TileName, tileOfPath, widthAt } from "./tile-path.ts";

const CHECKPOINT = "checkpoint";

/** Tiles and checkpoint. Growing and publishing are one path, whether for a new block or after a crash. */
export class LogFiles {
  readonly #files: Files;
  /** Size that the checkpoint file states. */
  #published = 0;
  #range = new CompactRange();
  /** Hashes of the last tile of each level, and entries of the last bundle: at most 255 each between calls. */
  #hashes: Hash32[][] = [];
  #bundle: Uint8Array[] = [];

  private constructor(files: Files) {
    this.#files = files;
  }

  /** Goes on where the checkpoint file stands. Files that are lost, damaged or contradict it count for nothing: all are made again. */
  static async open(files: Files): Promise<LogFiles> {
    const log = new LogFiles(files);
    const note = await files.read(CHECKPOINT);
    if (note === null) return log;
    try {
      await log.#load(fromUtf8(note));
      await log.#sweep();
      return log;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return new LogFiles(files);
    }
  }

  /** Leaves whose tiles are written; the checkpoint may still be behind. */
  get size(): number {
    return this.#range.size;
  }

  root(): Hash32 {
    return this.#range.root();
  }

  /** Adds leaves and writes, durably, every tile that changes. */
  async grow(leaves: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const leaf of leaves) {
      this.#bundle.push(leaf);
      this.#range.append(leafHash(leaf), (level, _index, hash) => {
        if (level % 8 === 0) {
          this.#hashes[level / 8] ??= [];
          this.#hashes[level / 8]!.push(hash);
        }
      });
      if (this.#bundle.length === TILE_WIDTH) await this.#writeFullTiles();
    }
    const written = await Promise.allSettled(
      partialTiles(this.size).map((tile) => this.#write(tile)),
    );
    // No write is left in flight when this throws: whoever opens the folder next would meet it.
    for (const outcome of written) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** Proof from tiles just written, published or not, that the log extends its first `size` leaves. */
  proveSince(size: number): Promise<Hash32[]> {
    return proveConsistency(size, this.size, (path) => this.#files.read(path));
  }

  /** Puts the checkpoint of the present size in place. Tiles it needs are durable by now. */
  async publish(note: string): Promise<void> {
    await this.#files.write(CHECKPOINT, utf8(note));
    // Die here: published. Partial tiles of the former size are left over, until #sweep() at the next start.
    const former = this.#published;
    this.#published = this.size;
    const kept = new Set(partialTiles(this.size).map(pathOfTile));
    for (const path of partialTiles(former).map(pathOfTile))
      if (!kept.has(path)) await this.#files.remove(path);
  }

  /** A published file. Only the widest tile is kept, since a narrower one is its beginning. */
  async readTile(path: string): Promise<Uint8Array | null> {
    const wanted = tileOfPath(path);
    if (wanted === null) return null;
    for (;;) {
      const size = this.#published;
      const width = widthAt(size, wanted);
      if (width < wanted.width) return null;
      const bytes = await this.#files.read(pathOfTile({ ...wanted, width }));
      if (bytes !== null) return cut(bytes, wanted);
      // Else a publication has just put a wider tile in its place: look again.
      if (size === this.#published)
        throw new LedgerError(
          "consensus.corrupt",
          `${pathOfTile({ ...wanted, width })} is missing`,
        );
    }
  }

  async #load(note: string): Promise<void> {
    const { size, root } = parseCheckpoint(parseNote(note).text);
    const edge = await edgeFromTiles(size, (path) => this.#files.read(path));
    this.#range = CompactRange.from(size, edge);
    if (!equal(this.#range.root(), root))
      throw new FormatError("tile.structure", "the tiles do not lead to the checkpoint");
    for (const tile of partialTiles(size)) {
      const bytes = await this.#files.read(pathOfTile(tile));
      if (bytes === null) throw new FormatError("tile.missing", pathOfTile(tile));
      if (tile.level === "entries") this.#bundle = decodeEntries(bytes);
      else this.#hashes[tile.level] = splitHashes(bytes, tile.width);
    }
    this.#checkBundle();
    this.#published = size;
  }

  /** The last bundle was read from disk; its entries must hash to the last tile beside it. */
  #checkBundle(): void {
    const hashes = this.#hashes[0] ?? [];
    if (
      this.#bundle.length !== hashes.length ||
      !this.#bundle.every((entry, i) => equal(leafHash(entry), hashes[i]!))
    ) {
      throw new FormatError("tile.structure", "the last entry bundle does not belong to its tile");
    }
  }

  /** Removes what is left of narrower tiles beside those that replaced them: of the last tile of each level, and the one before. */
  async #sweep(): Promise<void> {
    for (
      let level = 0, stored = this.size;
      stored > 0;
      level++, stored = Math.floor(stored / TILE_WIDTH)
    ) {
      const last = Math.floor(stored / TILE_WIDTH);
      for (const index of [last - 1, last]) {
        if (index < 0) continue;
        for (const kind of level === 0 ? (["entries", level] as const) : [level])
          await this.#sweepTile(kind, index);
      }
    }
  }

  async #sweepTile(level: TileName["level"], index: number): Promise<void> {
    const folder = `${pathOfTile({ level, index, width: TILE_WIDTH })}.p`;
    const kept = String(widthAt(this.size, { level, index }));
    for (const name of await this.#files.list(folder))
      if (name !== kept) await this.#files.remove(`${folder}/${name}`);
  }

  async #writeFullTiles(): Promise<void> {
    const last = Math.floor(this.size / TILE_WIDTH) - 1;
    await this.#write({ level: "entries", index: last, width: TILE_WIDTH });
    for (let level = 0; this.#hashes[level]?.length === TILE_WIDTH; level++) {
      await this.#write({
        level,
        index: Math.floor(this.size / TILE_WIDTH ** (level + 1)) - 1,
        width: TILE_WIDTH,
      });
      this.#hashes[level] = [];
    }
    this.#bundle = [];
  }

  #write(tile: TileName): Promise<void> {
    const bytes =
      tile.level === "entries" ? encodeEntries(this.#bundle) : concat(...this.#hashes[tile.level]!);
    return this.#files.write(pathOfTile(tile), bytes);
  }
}

function splitHashes(bytes: Uint8Array, width: number): Hash32[] {
  if (bytes.length !== width * 32)
    throw new FormatError(
      "tile.structure",
      `expected ${width} hashes, found ${bytes.length} bytes`,
    );
  return Array.from({ length: width }, (_, i) => asHash32(bytes.slice(i * 32, i * 32 + 32)));
}

function cut(bytes: Uint8Array, { level, width }: TileName): Uint8Array {
  return level === "entries"
    ? encodeEntries(decodeEntries(bytes).slice(0, width))
    : bytes.subarray(0, width * 32);
}
