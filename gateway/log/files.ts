// Where the log's static files lie: a port with its promise of durability, and the directory adapter (tlog-tiles).

import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory, writeAllDurably } from "@muniment/core/files";

/** A file by its path, with what it holds. */
export interface LogFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Paths are relative to the log's root and made by core, never by a stranger. */
export interface LogFiles {
  /** Replaces each file as a whole. Contents, names and folders are durable when it resolves. */
  write(files: readonly LogFile[]): Promise<void>;
  /** The file's bytes, or null where there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /** Removes a file, or a folder with all it holds. Absent is fine; need not be durable. */
  remove(path: string): Promise<void>;
}

/** The log's files under `root`, which is made when it is first written to. */
export function logDirectory(root: string): LogFiles {
  return {
    async write(files) {
      const placed = files.map(({ path, bytes }) => ({ path: join(root, path), bytes }));
      for (const directory of new Set(placed.map(({ path }) => dirname(path))))
        await makeDirectory(directory);
      await writeAllDurably(placed);
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
