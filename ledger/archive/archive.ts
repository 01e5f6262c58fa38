// The archive's port: every gateway's entries and their deletable bodies, behind the commitments consensus agreed on (D5, F3, life of a reading 7-8).

import type { Hash32 } from "@muniment/core";
import type { BodyPlace, KeptBody, NewBody } from "./bodies.ts";

/** Entries [from, size) of one gateway's log, which lead to `root`, with the gateway's signed checkpoint. */
export interface StagedBatch {
  readonly gateway: string;
  readonly from: number;
  readonly size: number;
  readonly root: Hash32;
  /** The gateway's signed note for (size, root). */
  readonly checkpoint: string;
  readonly entries: readonly Uint8Array[];
  /** Bodies that a hash envelope among the entries names; kept apart, sealed, deletable (D8). */
  readonly bodies: readonly NewBody[];
}

/** A staged batch as it is read again: its bodies lie where bodies lie. */
export type WaitingBatch = Omit<StagedBatch, "bodies">;

/** Names one batch: another root for the same size is another batch. */
export interface BatchId {
  readonly gateway: string;
  readonly size: number;
  readonly root: Hash32;
}

export interface Archive {
  /** Durable when it resolves; not yet served. Idempotent by (gateway, size, root). */
  stage(batch: StagedBatch): Promise<void>;

  /** Batches, of one gateway or of all, that are durable but not yet part of the log, in order of gateway and size. */
  staged(gateway?: string): Promise<readonly BatchId[]>;

  /** Forgets a staged batch, whose anchor was refused. Nothing happens when there is none. */
  drop(batch: BatchId): Promise<void>;

  /**
   * Makes a staged batch part of the gateway's log: entry bundles and hash tiles, then the checkpoint, durably
   * and in that order. Call it only after the anchor committed; `anchoredAt` is its block time in ms, which the
   * archive's own line carries, so that a second run writes the same bytes. Idempotent.
   */
  publish(gateway: string, size: number, root: Hash32, anchoredAt: number): Promise<void>;

  /** Called after each publication, with the gateway and its new size. Returns the way to stop it. */
  onPublish(listener: (gateway: string, size: number) => void): () => void;

  /** Entries published for the gateway; 0 for one never heard of. */
  size(gateway: string): number;

  /** Entries [from, to), byte for byte as the devices sent them. Throws `archive.range` beyond the published size. */
  entries(gateway: string, from: number, to: number): Promise<Uint8Array[]>;

  /** The body of a published entry; null when there is none that can be read: never there, or destroyed. */
  body(place: BodyPlace): Promise<KeptBody | null>;

  /** The ledger entry that took the body of an entry on its retention clock (D8); null when none did. */
  withheldBy(place: BodyPlace): Promise<number | null>;

  /** A file of the gateway's log by its tlog-tiles path; a narrower partial tile is cut from a wider one. */
  readTile(gateway: string, path: string): Promise<Uint8Array | null>;

  /** The newest published note: the gateway's signature and the archive's line. */
  checkpoint(gateway: string): Promise<string | null>;

  /**
   * Adds the archive's own line (cosignature/v1: "durably stored and served") to an anchored note of this gateway,
   * with the anchor's block time in ms. Null when the note is larger than what is published.
   */
  cosign(gateway: string, note: string, anchoredAt: number): string | null;

  close(): Promise<void>;
}
