// The store in memory, for tests and simulation: what was written outlives the instance, as a disk would.

import { Fuse } from "./fuse.ts";
import type { Store } from "./store.ts";

/** A store on `disk`. Each write is one step of the fuse. */
export function memoryStore(disk: Map<string, Uint8Array>, fuse: Fuse = new Fuse()): Store {
  return {
    get: async (key) => disk.get(key),
    write: (changes) =>
      fuse.step(`write ${changes.map(([key]) => key.split("/")[0]).join(" ")}`, () => {
        for (const [key, value] of changes) {
          if (value === null) disk.delete(key);
          else disk.set(key, Uint8Array.from(value));
        }
      }),
    async *range(prefix) {
      for (const key of Array.from(disk.keys()).sort()) {
        const value = disk.get(key);
        if (key.startsWith(prefix) && value !== undefined) yield [key, value] as const;
      }
    },
    close: async () => {},
  };
}
