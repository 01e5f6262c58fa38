// Replacing a file so that after a crash either the old or the new content stands, whole.

import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Makes the entries of a directory durable: names live in the directory, not in the file. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a directory with its parents; every directory that got a new entry is synced. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let at = dirname(resolve(directory)); ; at = dirname(at)) {
    await syncDirectory(at);
    if (at === top || at === dirname(at)) return;
  }
}

/** Writes the bytes under a temporary name, syncs, renames over `path` and syncs the directory. When it resolves the
 * content is durable; when it rejects, `path` holds what it held, or (only the last sync failed) the new bytes. */
export async function writeDurably(
  path: string,
  bytes: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  await replace(path, bytes, mode);
  await syncDirectory(dirname(path));
}

/** As writeDurably(), for files that need no order among each other: each directory is synced once, behind them all. */
export async function writeAllDurably(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  await Promise.all(files.map(({ path, bytes }) => replace(path, bytes, 0o644)));
  await Promise.all(Array.from(new Set(files.map(({ path }) => dirname(path))), syncDirectory));
}

/** The synced bytes stand under the name, which is not yet durable itself. */
async function replace(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether a read failed because nothing has that name; a path through a file (`ENOTDIR`) names nothing either. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
