// Accepted transactions, newest first.

import type { TransactionRow } from "../rows.ts";
import type { Store } from "../store.ts";

/** At most `limit` transactions before ledger index `before`. */
export async function transactionsBefore(
  store: Store,
  limit: number,
  before: number | null,
): Promise<readonly TransactionRow[]> {
  const rows = await store.query(`
    SELECT idx, height, time, kind, signed_by, id FROM transactions
    ${before === null ? "" : `WHERE idx < ${before}`} ORDER BY idx DESC LIMIT ${limit}`);
  return rows.map((row) => ({
    index: Number(row.idx),
    height: Number(row.height),
    time: Number(row.time),
    kind: String(row.kind),
    by: String(row.signed_by),
    id: String(row.id),
  }));
}
