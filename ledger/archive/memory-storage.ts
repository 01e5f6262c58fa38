// The archive's storage in memory, for tests and simulation: durable as long as the object lives, and able to die.

import type { ArchiveStorage, NamedFile } from "./storage.ts";

/** How a durable step goes wrong: nothing, half, or all of it is there afterwards, and the caller hears of a failure. */
export type Fault = "failed" | "half persisted" | "persisted";

/** The storage, its files laid open, and a fault to come. */
export interface MemoryStorage extends ArchiveStorage {
  readonly files: Map<string, Uint8Array>;
  /** Durable steps so far. */
  steps(): number;
  /** Lets the step with this number, and each one after it, go wrong in that way (the process is dead by then). */
  failAt(step: number, fault: Fault): void;
}

export function openMemoryStorage(files = new Map<string, Uint8Array>()): MemoryStorage {
  let steps = 0;
  let failing: { readonly step: number; readonly fault: Fault } | null = null;

  /** How many of `count` changes persist in this step; throws after `apply` when the step fails. */
  function step(count: number, apply: (persisted: number) => void): void {
    const now = steps++;
    if (failing === null || now < failing.step) {
      apply(count);
      return;
    }
    const share = { failed: 0, "half persisted": 0.5, persisted: 1 }[failing.fault];
    apply(now === failing.step ? Math.floor(count * share) : 0);
    throw new Error(`${failing.fault} at step ${now}`);
  }

  return {
    files,
    steps: () => steps,
    failAt(at, fault) {
      failing = { step: at, fault };
    },

    async read(name) {
      return files.get(name)?.slice() ?? null;
    },

    async writeAll(named: readonly NamedFile[]) {
      step(named.length, (persisted) => {
        for (const [name, bytes] of named.slice(0, persisted)) files.set(name, bytes.slice());
      });
    },

    async removeAll(names) {
      step(names.length, (persisted) => {
        for (const name of names.slice(0, persisted)) files.delete(name);
      });
    },

    async list(directory) {
      const prefix = directory === "" ? "" : `${directory}/`;
      const below = Array.from(files.keys()).filter((name) => name.startsWith(prefix));
      return Array.from(
        new Set(below.map((name) => name.slice(prefix.length).split("/")[0]!)),
      ).sort();
    },
  };
}
