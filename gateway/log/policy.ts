// When a batch closes: a pure function of what is pending, the limits and the time (D3, D9).

/** The limits of one batch. One POST carries one batch, so these also bound the request. */
export interface BatchLimits {
  readonly batchCountMax: number;
  /** Framed entries and their bodies together, in bytes. */
  readonly batchBytesMax: number;
  readonly batchAgeMsMax: number;
}

export const batchLimits: BatchLimits = {
  batchCountMax: 4096,
  batchBytesMax: 4 * 1024 * 1024,
  batchAgeMsMax: 10_000,
};

/** What waits in the journal for its place in the log. */
export interface Pending {
  readonly count: number;
  readonly bytes: number;
  /** Arrival of the oldest, in ms since 1970. Without meaning while `count` is 0. */
  readonly since: number;
}

export const nothingPending: Pending = { count: 0, bytes: 0, since: 0 };

/** What an entry costs in a batch: the u16 frame, the statement, the body beside it. In bytes. */
export function entryBytes(statement: Uint8Array, body: Uint8Array | null): number {
  return 2 + statement.length + (body === null ? 0 : body.length);
}

/** `pending` with one more entry of `bytes` bytes that arrived at `arrivedAt` (ms). */
export function withEntry(pending: Pending, bytes: number, arrivedAt: number): Pending {
  return {
    count: pending.count + 1,
    bytes: pending.bytes + bytes,
    since: pending.count === 0 ? arrivedAt : pending.since,
  };
}

/** `earlier` and `later` as one. */
export function together(earlier: Pending, later: Pending): Pending {
  if (earlier.count === 0) return later;
  return {
    count: earlier.count + later.count,
    bytes: earlier.bytes + later.bytes,
    since: earlier.since,
  };
}

/** Whether a batch that holds `held` has room for one more entry. An empty batch always has. */
export function hasRoom(held: Pending, bytes: number, limits: BatchLimits): boolean {
  if (held.count === 0) return true;
  return held.count < limits.batchCountMax && held.bytes + bytes <= limits.batchBytesMax;
}

export type CloseReason = "count" | "bytes" | "age";

/** Why the batch closes now (`now` in ms), or null: let it grow. */
export function closeReason(
  pending: Pending,
  limits: BatchLimits,
  now: number,
): CloseReason | null {
  if (pending.count === 0) return null;
  if (pending.count >= limits.batchCountMax) return "count";
  if (pending.bytes >= limits.batchBytesMax) return "bytes";
  // A clock that was set back must not hold a batch open: the age is never negative for long.
  if (now < pending.since || now - pending.since >= limits.batchAgeMsMax) return "age";
  return null;
}

/** How long to wait, in ms, before the age alone closes the batch; null when nothing is pending. */
export function closesInMs(pending: Pending, limits: BatchLimits, now: number): number | null {
  if (pending.count === 0) return null;
  return Math.max(0, Math.min(limits.batchAgeMsMax, pending.since + limits.batchAgeMsMax - now));
}
