// Where the log's static files lie: a port with its promise of durability, and the directory adapter (tlog-tiles).

import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory, writeDurably } from "@muniment/core/files";

/** Paths are relative to the log's root and made by core, never by a stranger. */
export interface LogFiles {
  /** Replaces the file as a whole. Content, name and folder are durable when it resolves. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** The file's bytes, or null where there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /** Removes a file, or a folder with all it holds. Absent is fine; need not be durable. */
  remove(path: string): Promise<void>;
}

/** The log's files under `root`, which is made when it is first written to. */
export function logDirectory(root: string): LogFiles {
  return {
    async write(path, bytes) {
      await makeDirectory(dirname(join(root, path)));
      await writeDurably(join(root, path), bytes);
    },
    async read(path) {
      try {
        return await readFile(join(root, path));
      } catch (cause) {
        if (isAbsent(cause)) return null;
        throw cause;
      }
    },
    remove: (path) => rm(join(root, path), { recursive: true, force: true }),
  };
}

function isAbsent(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}
