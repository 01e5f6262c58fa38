// The durable map behind log, sync and registry: a port, and its adapter on Level (D4).

import { Level } from "level";

/** A new value, or null to remove the key. */
export type Change = readonly [key: string, value: Uint8Array | null];

export interface Store {
  get(key: string): Promise<Uint8Array | undefined>;
  /** All changes or none; durable when it resolves. */
  write(changes: readonly Change[]): Promise<void>;
  /** Keys that start with `prefix`, in order of their bytes. */
  range(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  close(): Promise<void>;
}

/** A store in a folder of its own. One process opens it. */
export async function openLevelStore(directory: string): Promise<Store> {
  const level = new Level<string, Uint8Array>(directory, { valueEncoding: "view" });
  await level.open();
  return {
    get: (key) => level.get(key),
    async write(changes) {
      const batch = level.batch();
      for (const [key, value] of changes) {
        if (value === null) batch.del(key);
        else batch.put(key, value);
      }
      await batch.write({ sync: true });
    },
    range: (prefix) => level.iterator({ gte: prefix, lt: `${prefix}\uffff` }),
    close: () => level.close(),
  };
}
