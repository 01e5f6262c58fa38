// A tlog-tiles log as the commands read it: a folder of files or the root of a web address (C2SP tlog-tiles).
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TileReader } from "@muniment/core";

const answerMsMax = 30_000;
const answerBytesMax = 16 * 1024 * 1024;

/** A reader of a log's files by path; a file that does not exist is null. */
export function openLogSource(location: string): TileReader {
  return /^https?:\/\//.test(location)
    ? fromWeb(location.replace(/\/+$/, ""))
    : fromFolder(location);
}

function fromFolder(folder: string): TileReader {
  return async (path) => {
    try {
      return await readFile(join(folder, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  };
}

function fromWeb(root: string): TileReader {
  return async (path) => {
    const url = `${root}/${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
    if (answer.status === 404) {
      await answer.body?.cancel();
      return null;
    }
    if (!answer.ok) throw new Error(`${url}: expected status 200, got ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length > answerBytesMax)
      throw new Error(`${url}: expected at most ${answerBytesMax} bytes`);
    return bytes;
  };
}
