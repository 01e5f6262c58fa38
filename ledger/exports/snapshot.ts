// One state of the ledger for a whole export: rows that arrive while it is written do not mix into it (D10).

import type { Store } from "../read-model/store.ts";

export interface Snapshot {
  /** Ledger entries applied. */
  readonly size: number;
  /** Block time (ms) of the last of them: the "now" of the export. */
  readonly time: number;
  /** An SQL condition on samples `s`: anchored by one of these entries. */
  readonly where: string;
}

/** The state that is committed in the store now. It is told by the length of each gateway's log, so it holds nothing open. */
export async function snapshotOf(store: Store): Promise<Snapshot> {
  const rows = await store.query(`
    SELECT c.next, c.time, e.gateway, e.size FROM cursor c
    LEFT JOIN (SELECT gateway, max(idx) + 1 AS size FROM entries GROUP BY gateway) e ON true ORDER BY e.gateway`);
  const logs = rows
    .filter(({ gateway }) => gateway !== null)
    .map(({ gateway, size }) => `s.gateway = ${Number(gateway)} AND s.idx < ${Number(size)}`);
  return {
    size: Number(rows[0]?.next ?? 0),
    time: Number(rows[0]?.time ?? 0),
    where: logs.length === 0 ? "false" : `(${logs.join(" OR ")})`,
  };
}
