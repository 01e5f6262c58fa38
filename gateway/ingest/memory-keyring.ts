// The keyring port in memory: an adapter for tests and sketches.

import { toHex } from "@muniment/core";
import type { KeyRecord, Keyring } from "../ports.ts";

export class MemoryKeyring implements Keyring {
  readonly #records = new Map<string, KeyRecord>();
  readonly #listeners = new Set<() => void>();
  #counter = 0;

  /** Applies records as one update. */
  put(...records: readonly KeyRecord[]): void {
    for (const record of records) this.#records.set(toHex(record.kid), record);
    this.#counter += records.length;
    for (const listener of this.#listeners) listener();
  }

  find(kidHex: string): KeyRecord | undefined {
    return this.#records.get(kidHex);
  }

  all(): Iterable<KeyRecord> {
    return this.#records.values();
  }

  counter(): number {
    return this.#counter;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
