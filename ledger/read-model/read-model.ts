// The read model (D10): follows the ledger into a disposable database and answers questions from it. It feeds nothing back.

import { sha256, toHex } from "@muniment/core";
import { Examiner } from "./examiner.ts";
import { Follower } from "./follow.ts";
import type { Registry } from "./registry.ts";
import type { EntrySource, LedgerSource } from "./sources.ts";
import { type Cursor, Store } from "./store.ts";

export interface ReadModelOptions {
  readonly consensus: LedgerSource;
  readonly archive: EntrySource;
  /** The database file; it may be deleted while nothing runs. ":memory:" keeps nothing. */
  readonly path: string;
  /** Threads that verify signatures while much is to be read; 0 for none. */
  readonly workers?: number;
  readonly memoryMbMax?: number;
  readonly threadsMax?: number;
}

export interface ReadModel {
  readonly store: Store;
  /** Who is enrolled, as of the last entry applied. */
  registry(): Registry;
  /** How far the ledger is applied; its time (ms) is the "now" of every answer. */
  applied(): Cursor;
  /** Called after each write; returns the way to stop it. */
  onApplied(listener: (cursor: Cursor) => void): () => void;
  /** Resolves when all that is committed now is visible; rejects when following fails. */
  caughtUp(): Promise<void>;
  /** Why following fails at the moment; null while it does not. */
  failure(): Error | null;
  close(): Promise<void>;
}

/** Opens the read model and begins to follow. An old, foreign or broken file is rebuilt from the ledger and its archive. */
export async function createReadModel(options: ReadModelOptions): Promise<ReadModel> {
  const { consensus: ledger, archive, path, workers, memoryMbMax, threadsMax } = options;
  const store = await Store.open({
    path,
    genesis: toHex(sha256(ledger.genesis())),
    ...(memoryMbMax === undefined ? {} : { memoryMbMax }),
    ...(threadsMax === undefined ? {} : { threadsMax }),
  });
  const examiner = new Examiner(workers);
  const follower = await Follower.open({ ledger, archive, store, examiner });
  follower.start();
  return {
    store,
    registry: () => follower.registry,
    applied: () => follower.applied(),
    onApplied: (listener) => follower.onApplied(listener),
    caughtUp: () => follower.caughtUp(),
    failure: () => follower.failure(),
    close: async () => {
      await follower.close();
      await examiner.close();
      store.close();
    },
  };
}
