// The log's files in memory, for tests and simulation: what was written outlives the instance, as a disk would.

import { Fuse } from "../fuse.ts";
import type { LogFiles } from "./files.ts";

/** Files on `disk`, by path. Each write and removal is one step of the fuse. */
export function memoryLogFiles(disk: Map<string, Uint8Array>, fuse: Fuse = new Fuse()): LogFiles {
  return {
    async write(files) {
      await Promise.all(
        files.map(({ path, bytes }) =>
          fuse.step(path, () => void disk.set(path, Uint8Array.from(bytes))),
        ),
      );
    },
    read: async (path) => disk.get(path) ?? null,
    remove: (path) =>
      fuse.step(`remove ${path}`, () => {
        for (const key of disk.keys())
          if (key === path || key.startsWith(`${path}/`)) disk.delete(key);
      }),
  };
}
