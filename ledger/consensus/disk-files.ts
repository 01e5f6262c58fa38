// Files of the ledger's log on a local disk: write aside, sync, rename, sync the folder (port: Files).

import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMissing, makeDirectory, writeDurably } from "@muniment/core/files";
import type { Files } from "../ports.ts";

/** Files below `root`; folders are made as they are needed. */
export function openDiskFiles(root: string): Files {
  const made = new Set<string>();
  return {
    async read(path) {
      try {
        return new Uint8Array(await readFile(join(root, path)));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async write(path, bytes) {
      const directory = dirname(join(root, path));
      if (!made.has(directory)) {
        await makeDirectory(directory);
        made.add(directory);
      }
      await writeDurably(join(root, path), bytes);
    },
    remove: (path) => rm(join(root, path), { force: true }),
    async list(folder) {
      try {
        return await readdir(join(root, folder));
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
  };
}
