// Drives the closing of batches: wakes on what arrives and on age, closes one at a time (D3).

import type { Clock } from "../ports.ts";
import type { Batch, Log } from "./log.ts";
import { type BatchLimits, closeReason, closesInMs } from "./policy.ts";

export interface CloserOptions {
  readonly log: Pick<Log, "pending" | "closeBatch">;
  readonly limits: BatchLimits;
  readonly clock: Clock;
  readonly onBatch: (batch: Batch) => void;
  /** A closing failed. It is tried again after `retryMs`, with the same boundary. */
  readonly onError: (error: unknown) => void;
  readonly retryMs: number;
}

export interface Closer {
  /** Begins to close batches. Until then records wait in the journal. */
  start(): void;
  /** Something was added to the log. Cheap: called for every record. */
  wake(): void;
  /** Waits for the closing under way and begins no other. */
  stop(): Promise<void>;
}

/** A closer that is not started yet. */
export function createCloser(options: CloserOptions): Closer {
  const { log, limits, clock } = options;
  let phase: "waiting" | "idle" | "closing" | "stopped" = "waiting";
  let closing: Promise<void> = Promise.resolve();
  let cancelTimer: (() => void) | null = null;

  function wake(): void {
    if (phase !== "idle") return;
    const pending = log.pending();
    // A pending age timer already covers all but a full batch, so the clock is read once a batch, not once a record.
    const full = pending.count >= limits.batchCountMax || pending.bytes >= limits.batchBytesMax;
    if (full || (cancelTimer === null && closeReason(pending, limits, clock.now()) !== null)) {
      begin();
    } else if (cancelTimer === null) {
      const ms = closesInMs(pending, limits, clock.now());
      if (ms !== null) rest(ms, wake);
    }
  }

  function rest(ms: number, then: () => void): void {
    cancelTimer = clock.after(ms, () => {
      cancelTimer = null;
      then();
    });
  }

  function begin(): void {
    cancelTimer?.();
    cancelTimer = null;
    phase = "closing";
    closing = log.closeBatch().then(
      (batch) => {
        if (phase === "closing") phase = "idle";
        if (batch !== null) options.onBatch(batch);
        wake();
      },
      (error: unknown) => {
        options.onError(error);
        if (phase === "closing") phase = "idle";
        if (phase === "idle") rest(options.retryMs, wake);
      },
    );
  }

  return {
    start() {
      if (phase === "waiting") phase = "idle";
      wake();
    },
    wake,
    async stop() {
      phase = "stopped";
      cancelTimer?.();
      cancelTimer = null;
      await closing;
    },
  };
}
