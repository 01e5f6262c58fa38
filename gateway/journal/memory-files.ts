// The file port in memory, with a page cache that a power cut empties: for crash tests (house rule 13).

import { dirname } from "node:path";
import type { AppendFile, Files } from "../ports.ts";

/** What can go wrong with one operation: it has no effect and fails; it takes effect and fails (an append: a part
 * of it, too); or the mutant: it has no effect and claims success. */
export type Fault = "failed" | "failed-in-part" | "failed-but-persisted" | "skipped";

export interface MemoryFiles extends Files {
  /** Asked before each append, sync and truncate; undefined lets it pass. */
  fault: (operation: "append" | "sync" | "truncate", path: string) => Fault | undefined;
  /** Awaited before each append and sync takes effect. */
  delay: (operation: "append" | "sync", path: string) => Promise<void>;
  /** Resolves when the next operation of that kind begins, before its delay. */
  reached(operation: "append" | "sync"): Promise<void>;
  /** The power fails: all that was not synced is lost, but for `kept` bytes of each file's unsynced tail. */
  powerCut(kept?: number): void;
  /** Changes one byte on the medium. */
  flipByte(path: string, at: number): void;
  paths(): readonly string[];
  size(path: string): number;
}

interface Content {
  cached: Buffer;
  durable: Buffer;
  named: boolean;
}

/** An empty file system. */
export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Content>();
  const removed = new Map<string, Content>();
  const watching: Record<"append" | "sync", (() => void)[]> = { append: [], sync: [] };

  function contentOf(path: string): Content {
    const content = contents.get(path);
    if (content === undefined)
      throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
    return content;
  }

  /** Applies `effect` (or `part` of it) and throws, as the fault says. */
  function under(
    operation: "append" | "sync" | "truncate",
    path: string,
    effect: () => void,
    part = effect,
  ): void {
    const fault = files.fault(operation, path);
    if (fault === undefined || fault === "failed-but-persisted") effect();
    if (fault === "failed-in-part") part();
    if (fault !== undefined && fault !== "skipped")
      throw new Error(`injected: ${operation} ${fault}`);
  }

  async function begin(operation: "append" | "sync", path: string): Promise<void> {
    for (const resolve of watching[operation].splice(0)) resolve();
    await files.delay(operation, path);
  }

  function fileAt(path: string): AppendFile {
    const content = contentOf(path);
    return {
      async append(bytes) {
        await begin("append", path);
        const write = (length: number) => {
          content.cached = Buffer.concat([content.cached, bytes.subarray(0, length)]);
        };
        under(
          "append",
          path,
          () => write(bytes.length),
          () => write(bytes.length >> 1),
        );
      },
      async sync() {
        await begin("sync", path);
        under("sync", path, () => {
          content.durable = content.cached;
        });
      },
      async truncate(length) {
        under("truncate", path, () => {
          content.cached = content.cached.subarray(0, length);
        });
      },
      async close() {},
    };
  }

  const files: MemoryFiles = {
    fault: () => undefined,
    delay: async () => undefined,
    reached: (operation) => new Promise((resolve) => watching[operation].push(resolve)),
    async makeDirectory() {},
    async list(directory) {
      return [...contents]
        .filter(([path]) => dirname(path) === directory)
        .map(([path, { cached }]) => ({
          name: path.slice(directory.length + 1),
          size: cached.length,
        }));
    },
    async read(path, from, length) {
      return Buffer.from(contentOf(path).cached.subarray(from, from + length));
    },
    async openAppend(path) {
      if (!contents.has(path))
        contents.set(path, { cached: Buffer.alloc(0), durable: Buffer.alloc(0), named: false });
      return fileAt(path);
    },
    async remove(path) {
      removed.set(path, contentOf(path));
      contents.delete(path);
    },
    async syncDirectory(directory) {
      for (const [path, content] of contents) if (dirname(path) === directory) content.named = true;
      for (const path of removed.keys()) if (dirname(path) === directory) removed.delete(path);
    },
    powerCut(kept = 0) {
      for (const [path, content] of removed) if (content.named) contents.set(path, content);
      removed.clear();
      for (const [path, content] of contents) {
        if (!content.named) contents.delete(path);
        content.cached = content.cached.subarray(
          0,
          Math.min(content.cached.length, content.durable.length + kept),
        );
        content.durable = content.cached;
      }
    },
    flipByte(path, at) {
      const content = contentOf(path);
      content.cached = Buffer.from(content.cached);
      content.cached[at]! ^= 1;
      content.durable = content.cached;
    },
    paths: () => [...contents.keys()].toSorted(),
    size: (path) => contentOf(path).cached.length,
  };
  return files;
}
