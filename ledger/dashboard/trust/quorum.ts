// Who signed the ledger's head, in words: a solo ledger says "single operator" wherever a cluster says its quorum (D6).
import type { LedgerFacts } from "../data/shapes.ts";

/** `single operator`, or `3 of 4 validators (3 needed)`. */
export function quorumWords({ have, need, of, label }: LedgerFacts["quorum"]): string {
  return of <= 1 ? label : `${have} of ${of} validators (${need} needed)`;
}
