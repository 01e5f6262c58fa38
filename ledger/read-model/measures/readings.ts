// Readings of a point: of two samples for one time the one that stands later in the ledger counts, so a correction is never added.

/** Readings (point, t, v) of the samples that satisfy `where`, a condition on `s`. */
export function readingsSql(where: string): string {
  return `SELECT s.point, s.t, arg_max(s.v, s.rowid) AS v FROM samples s WHERE ${where} GROUP BY s.point, s.t`;
}
