// Bodies of hash envelopes, kept apart from the log so that they can be deleted while every proof stays valid (D8, F2).

import { type Hash32, sha256 } from "@muniment/core";
import { Level } from "level";

/** Bodies by their SHA-256. */
export class Bodies {
  readonly #store: Level<Uint8Array, Uint8Array>;

  private constructor(store: Level<Uint8Array, Uint8Array>) {
    this.#store = store;
  }

  static async open(directory: string): Promise<Bodies> {
    const store = new Level<Uint8Array, Uint8Array>(directory, {
      keyEncoding: "view",
      valueEncoding: "view",
    });
    await store.open();
    return new Bodies(store);
  }

  /** Durable when it resolves. */
  async add(bodies: readonly Uint8Array[]): Promise<void> {
    if (bodies.length === 0) return;
    const writes = bodies.map((value) => ({ type: "put" as const, key: sha256(value), value }));
    await this.#store.batch(writes, { sync: true });
  }

  async read(hash: Hash32): Promise<Uint8Array | null> {
    const body = await this.#store.get(hash);
    return body === undefined ? null : new Uint8Array(body);
  }

  /** Durable when it resolves. */
  async forget(hash: Hash32): Promise<void> {
    await this.#store.del(hash, { sync: true });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
