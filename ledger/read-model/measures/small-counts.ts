// Small counts withheld, and one more where a total would give them away: threshold rule with complementary suppression
// (FCSM Statistical Policy Working Paper 22; proofs of what cannot be told are in decision 11).

/** Fewest persons that a public count may show. */
export const publicPersonsMin = 10;

/** Counts as they may be shown: null is withheld, or was null before. */
export interface Shown {
  readonly counts: readonly (number | null)[];
  readonly withheld: readonly boolean[];
  /** Sum of all counts, withheld ones included; null when it is withheld or there are none. */
  readonly total: number | null;
}

/**
 * What may be shown of counts that are published with their total. Each below `k` is withheld. If there is one, so is the next shown
 * count after the first of them, in a circle; its place, not its value, decides. The total is shown only with such a second
 * count and when the withheld ones sum up to 2k or more.
 *
 * Somebody who knows all that is shown, and this rule, can then not exclude any value from 0 to k − 1 of a count that was
 * withheld for being small.
 */
export function withholdSmall(counts: readonly (number | null)[], k: number): Shown {
  const small = counts.map((count) => count !== null && count < k);
  const first = small.indexOf(true);
  const known = counts.filter((count) => count !== null);
  const sum = known.reduce((total, count) => total + count, 0);
  if (first < 0) return { counts, withheld: small, total: known.length === 0 ? null : sum };
  const second = counts
    .map((_, i) => (first + i) % counts.length)
    .find((i) => counts[i] !== null && !small[i]);
  const withheld = small.map((is, i) => is || i === second);
  const hidden = counts.reduce<number>(
    (total, count, i) => total + (withheld[i] ? (count ?? 0) : 0),
    0,
  );
  return {
    counts: counts.map((count, i) => (withheld[i] ? null : count)),
    withheld,
    total: second !== undefined && hidden >= 2 * k ? sum : null,
  };
}
