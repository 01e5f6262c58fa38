// A store whose values lie on disk sealed: what is deleted there may linger in old tables, and is noise once its key is gone (D8).

import type { Vault } from "./ports.ts";
import type { Store } from "./store.ts";

/** The store with every value sealed. What cannot be opened any more is not there. */
export function sealedStore(store: Store, vault: Vault): Store {
  return {
    async get(key) {
      const sealed = await store.get(key);
      return sealed === undefined ? undefined : (vault.open(sealed) ?? undefined);
    },
    write: (changes) =>
      store.write(
        changes.map(([key, value]) => [key, value === null ? null : vault.seal(value)] as const),
      ),
    async *range(prefix) {
      for await (const [key, sealed] of store.range(prefix)) {
        const value = vault.open(sealed);
        if (value !== null) yield [key, value] as const;
      }
    },
    close: () => store.close(),
  };
}
