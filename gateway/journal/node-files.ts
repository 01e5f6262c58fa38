// The file port on the real file system: fdatasync for files, fsync for folders (D4).

import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AppendFile, Files } from "../ports.ts";

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openAppend(path: string): Promise<AppendFile> {
  const handle = await open(path, "a");
  return {
    async append(bytes) {
      for (let at = 0; at < bytes.length; ) {
        at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  };
}

/** Files of this machine. */
export const nodeFiles: Files = {
  async makeDirectory(directory) {
    const first = await mkdir(directory, { recursive: true });
    if (first !== undefined) await syncDirectory(dirname(first));
  },
  async list(directory) {
    const names = await readdir(directory);
    return Promise.all(
      names.map(async (name) => ({ name, size: (await stat(join(directory, name))).size })),
    );
  },
  async read(path, from, length) {
    const handle = await open(path, "r");
    try {
      const buffer = Buffer.allocUnsafe(
        Math.min(length, Math.max(0, (await handle.stat()).size - from)),
      );
      let at = 0;
      while (at < buffer.length) {
        const { bytesRead } = await handle.read(buffer, at, buffer.length - at, from + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return buffer.subarray(0, at);
    } finally {
      await handle.close();
    }
  },
  openAppend,
  remove: (path) => rm(path),
  syncDirectory,
};
