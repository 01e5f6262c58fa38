// What the ledger needs from the world: time, and whole files with a promise of durability.

/** Time as this node sees it. Only block times come from it, and only here does it enter (D9). */
export interface Clock {
  /** Milliseconds since 1970. May jump backwards: block time never does. */
  now(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** Whole files under one folder, by relative path with "/" between segments. */
export interface Files {
  /** The file's bytes, or null where there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /**
   * Durable when it resolves: neither a kill nor a power cut takes it back. When it rejects, the old content or the
   * new stands under the path, whole.
   */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file, if it is there. Not durable: a removed file may come back after a power cut. */
  remove(path: string): Promise<void>;
  /** Names directly in a folder; empty where there is none. */
  list(folder: string): Promise<string[]>;
}
