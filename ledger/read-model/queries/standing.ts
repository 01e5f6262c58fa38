// Entries that were anchored and how they stand: counts by gateway, and the list of those that do not count.

import { STANDINGS, type Standing, standingNumber } from "../standing.ts";
import type { Row, Store } from "../store.ts";

export interface StandingEntry {
  readonly ledger: number;
  /** Number of the gateway. */
  readonly gateway: number;
  readonly index: number;
  readonly standing: Standing;
  /** Number of the key it names; 0 when that was never enrolled, or nothing could be read. */
  readonly signer: number;
  readonly sequence: number | null;
  readonly time: number | null;
}

/** Where a page goes on: after the entry at this place of the ledger. */
export type StandingCursor = readonly [ledger: number, index: number];

/** Entries that do not count, in ledger order; `only` narrows them to one standing, which may be any. */
export async function quarantined(
  store: Store,
  limit: number,
  after: StandingCursor | null,
  only: Standing | null,
): Promise<readonly StandingEntry[]> {
  const wanted =
    only === null
      ? STANDINGS.filter((standing) => !["counted", "late", "genesis"].includes(standing))
      : [only];
  const later = after === null ? "" : `AND (ledger, idx) > (${after.join(", ")})`;
  const rows = await store.query(`
    SELECT ledger, gateway, idx, standing, signer, sequence, time FROM entries
    WHERE standing IN (${wanted.map(standingNumber).join(", ")}) ${later} ORDER BY ledger, idx LIMIT ${limit}`);
  return rows.map((row) => ({
    ledger: Number(row.ledger),
    gateway: Number(row.gateway),
    index: Number(row.idx),
    standing: STANDINGS[Number(row.standing)]!,
    signer: Number(row.signer),
    sequence: numberOrNull(row.sequence),
    time: numberOrNull(row.time),
  }));
}

function numberOrNull(value: Row[string] | undefined): number | null {
  return typeof value === "number" ? value : null;
}
