// Every reason for which intake itself refuses a batch: structure only; all else is a standing, given later (life of a reading 7).

/** Stable code → HTTP status, and what it means. Refusals by consensus or the machine carry their own codes. */
export const INTAKE_CODES = {
  "batch.structure": [422, "the request is not the deterministic CBOR map of a batch"],
  "batch.too-large": [413, "the batch is larger than the limit"],
  "batch.entry-too-large": [413, "an entry is longer than a statement may be"],
  "batch.count": [422, "the entries are not as many as the checkpoint's size says"],
  "batch.checkpoint": [422, "the checkpoint is not signed by the gateway's enrolled log key"],
  "batch.root": [422, "the entries do not lead to the checkpoint's root"],
  "batch.consistency": [
    422,
    "the consistency proof does not hold between the last anchored checkpoint and this one",
  ],
  "batch.anchor": [422, "the anchor transaction does not name this checkpoint"],
  "batch.not-next": [409, "the batch does not begin where the archive ends"],
  "anchor.conflict": [409, "the ledger holds another history of this gateway's log"],
  "anchor.unknown-gateway": [404, "no such gateway is enrolled"],
  "anchor.suspended": [403, "the gateway is suspended: it signed two roots for one size"],
  "intake.busy": [503, "too many batches in flight; try again"],
  "archive.behind": [503, "the archive does not yet hold what the ledger has anchored; try again"],
} as const satisfies Record<string, readonly [status: number, says: string]>;

export type IntakeCode = keyof typeof INTAKE_CODES;
