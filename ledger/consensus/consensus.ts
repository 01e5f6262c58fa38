// The consensus port: orders transactions, runs the machine, keeps the ledger's own log (D5, D6, F5, F6).

import type { Hash32 } from "@muniment/core";
import type { RefusalCode } from "../machine/codes.ts";

/** The newest final commit. */
export interface LedgerHead {
  /** Name of the ledger and of its log. */
  readonly origin: string;
  /** Blocks committed after genesis; a block without an accepted transaction is none. */
  readonly height: number;
  /** Leaves in the ledger log, genesis included. */
  readonly size: number;
  readonly root: Hash32;
  /** Block time in milliseconds since 1970; strictly increasing. */
  readonly time: number;
  /** The signed note for (origin, size, root) with the cosignatures that make it final. */
  readonly checkpoint: string;
}

/** One leaf of the ledger log and the preimage of the effects hash it carries. */
export interface CommittedEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly effects: Uint8Array;
}

/**
 * Consensus has room for no more right now; nothing was decided, and the same bytes may be sent again.
 * Every other code is the machine's verdict.
 */
export const BUSY = "consensus.busy";

/**
 * The answer to a transaction. `duplicate`: the same transaction was accepted before, and the rest describes that
 * first time.
 */
export type Submission =
  | {
      readonly ok: true;
      readonly index: number;
      readonly height: number;
      readonly time: number;
      readonly duplicate: boolean;
    }
  | { readonly ok: false; readonly code: RefusalCode | typeof BUSY; readonly message: string };

export interface Consensus {
  /**
   * Resolves once the transaction is final and durable, or refused. Idempotent by transaction id. Throws
   * `consensus.halted` or `consensus.closed` when the outcome is unknown: ask again later, with the same bytes.
   */
  submit(transaction: Uint8Array): Promise<Submission>;

  /** The newest final commit. Everything below answers as of this commit. */
  head(): LedgerHead;

  /** One entry, or null at and beyond the committed size. */
  entry(index: number): Promise<CommittedEntry | null>;

  /** Entries [from, to) in order. Throws `consensus.range` beyond the committed size. */
  entries(from: number, to: number): AsyncIterable<CommittedEntry>;

  /** The committed value of a state key (CBOR). */
  get(key: string): Uint8Array | undefined;

  /** Committed state under a key prefix, in byte order of the keys. */
  range(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]>;

  /** Called after every commit, in order; returns the way to stop it. A listener must not throw. */
  onCommit(listener: (head: LedgerHead) => void): () => void;

  /** A file of the ledger's log by its tlog-tiles path, such as `tile/0/000.p/7`; null where there is none. */
  readTile(path: string): Promise<Uint8Array | null>;

  /** The tlog-policy text that a checkpoint of this ledger satisfies. */
  policy(): string;

  /** The genesis document: leaf 0. */
  genesis(): Uint8Array;

  /** Waits for what is queued, then lets go of every file. */
  close(): Promise<void>;
}
