// How much of what was due has arrived: words first, a small bar beside them.
import type { ReactNode } from "react";
import type { Completeness as Share } from "../data/shapes.ts";
import { formatNumber, formatShare, unknown } from "../measure/number.ts";

const goodShareMin = 0.98;
const fairShareMin = 0.9;

/** Received over expected readings. */
export function Completeness({ share }: { readonly share: Share }): ReactNode {
  const { received, expected } = share;
  if (expected === 0) return <span title="nothing was due">{unknown}</span>;
  const part = expected > 0 ? Math.min(1, received / expected) : 0;
  const tone = part >= goodShareMin ? "good" : part >= fairShareMin ? "fair" : "poor";
  return (
    <span className="completeness" title={describeCompleteness(share)}>
      {formatShare(received, expected)}
      <svg
        className={`bar bar--${tone}`}
        viewBox="0 0 40 6"
        width="40"
        height="6"
        aria-hidden="true"
      >
        <rect className="bar__whole" width="40" height="6" rx="3" />
        <rect className="bar__part" width={40 * part} height="6" rx="3" />
      </svg>
    </span>
  );
}

/** `1,340 of 1,344 readings`. */
export function describeCompleteness({ received, expected }: Share): string {
  return `${formatNumber(received)} of ${formatNumber(expected)} readings`;
}
