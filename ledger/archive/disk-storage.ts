// The archive's storage on a local disk: write aside, fsync, rename, fsync the directory.

import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMissing, makeDirectory, syncDirectory } from "@muniment/core/files";
import type { ArchiveStorage, NamedFile } from "./storage.ts";

const FILES_AT_ONCE_MAX = 16;

/** Storage below `root`, which is made when it is not there. */
export function openDiskStorage(root: string): ArchiveStorage {
  const made = new Map<string, Promise<void>>();

  function ensureDirectory(directory: string): Promise<void> {
    const known = made.get(directory);
    if (known !== undefined) return known;
    const making = makeDirectory(directory);
    made.set(directory, making);
    // A full disk may have room later: a failure is not remembered.
    making.catch(() => made.delete(directory));
    return making;
  }

  async function writeAside([name, bytes]: NamedFile): Promise<void> {
    const path = join(root, name);
    await ensureDirectory(dirname(path));
    const file = await open(`${path}.tmp`, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
  }

  return {
    async read(name) {
      try {
        return new Uint8Array(await readFile(join(root, name)));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async writeAll(files) {
      for (let i = 0; i < files.length; i += FILES_AT_ONCE_MAX) {
        const written = await Promise.allSettled(
          files.slice(i, i + FILES_AT_ONCE_MAX).map(writeAside),
        );
        // No write is left in flight when this throws: the next run writes the same names.
        for (const outcome of written) if (outcome.status === "rejected") throw outcome.reason;
      }
      const directories = new Set(files.map(([name]) => dirname(join(root, name))));
      await Promise.all(Array.from(directories, syncDirectory));
    },

    async removeAll(names) {
      for (const name of names) await rm(join(root, name), { force: true });
    },

    async list(directory) {
      try {
        const names = await readdir(join(root, directory));
        return names.filter((name) => !name.endsWith(".tmp")).sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
  };
}
