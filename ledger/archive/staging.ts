// Batches that are durable but whose anchor has not committed yet: one self-contained file each (life of a reading 7).

import {
  asHash32,
  decode,
  decodeEntries,
  encode,
  encodeEntries,
  fromHex,
  toHex,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { BatchId, WaitingBatch } from "./archive.ts";
import type { ArchiveStorage } from "./storage.ts";

/** More than one waits only when a node died between staging and commit, or a gateway forked. */
const STAGED_PER_GATEWAY_MAX = 16;

/** The staged batches of all gateways. */
export class Staging {
  readonly #storage: ArchiveStorage;

  constructor(storage: ArchiveStorage) {
    this.#storage = storage;
  }

  /**
   * Durable when it resolves; writing the same batch again changes nothing. A file that is there already is written
   * again all the same: that it can be read does not tell whether whoever wrote it lived to sync its name.
   */
  async write(batch: WaitingBatch): Promise<void> {
    const name = nameOf(batch);
    const waiting = (await this.list(batch.gateway)).filter((other) => nameOf(other) !== name);
    if (waiting.length >= STAGED_PER_GATEWAY_MAX) {
      throw new LedgerError(
        "archive.staging-full",
        `${waiting.length} batches of ${batch.gateway}`,
      );
    }
    await this.#storage.writeAll([[name, encodeBatch(batch)]]);
  }

  async read(id: BatchId): Promise<WaitingBatch | null> {
    const bytes = await this.#storage.read(nameOf(id));
    return bytes === null ? null : decodeBatch(bytes);
  }

  async remove(ids: readonly BatchId[]): Promise<void> {
    await this.#storage.removeAll(ids.map(nameOf));
  }

  /** In order of size. */
  async list(gateway: string): Promise<BatchId[]> {
    const names = await this.#storage.list(`${gateway}/staged`);
    return names.map((name) => {
      const [size = "", root = ""] = name.split("-");
      return { gateway, size: Number(size), root: asHash32(fromHex(root)) };
    });
  }
}

function nameOf(id: BatchId): string {
  return `${id.gateway}/staged/${String(id.size).padStart(16, "0")}-${toHex(id.root)}`;
}

function encodeBatch({ gateway, from, size, root, checkpoint, entries }: WaitingBatch): Uint8Array {
  return encode({ gateway, from, size, root, checkpoint, entries: encodeEntries(entries) });
}

/** The file is our own and was written whole, so a surprise in it is a fault of the disk, not an input. */
function decodeBatch(bytes: Uint8Array): WaitingBatch {
  const map = decode(bytes) as ReadonlyMap<string, unknown>;
  return {
    gateway: map.get("gateway") as string,
    from: map.get("from") as number,
    size: map.get("size") as number,
    root: asHash32(map.get("root") as Uint8Array),
    checkpoint: map.get("checkpoint") as string,
    entries: decodeEntries(map.get("entries") as Uint8Array),
  };
}
