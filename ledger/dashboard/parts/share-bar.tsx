// A share as per cent with a bar beside it; a mark shows what it is measured against.
import type { ReactNode } from "react";
import { formatNumber, formatShare } from "../measure/number.ts";

interface ShareBarProps {
  readonly share: number | null; // 0..1, may be more
  readonly mark?: number; // 0..1
  readonly tone?: "plain" | "good" | "poor";
}

/** Unknown is a dash without a bar. */
export function ShareBar({ share, mark, tone = "plain" }: ShareBarProps): ReactNode {
  if (share === null) return "–";
  return (
    <span className="completeness">
      {share > 1 ? `${formatNumber(share * 100)} %` : formatShare(share, 1)}
      <svg
        className={`bar bar--${tone}`}
        viewBox="0 0 60 10"
        width="60"
        height="10"
        aria-hidden="true"
      >
        <rect className="bar__whole" y="2" width="60" height="6" rx="3" />
        <rect className="bar__part" y="2" width={60 * Math.min(1, share)} height="6" rx="3" />
        {mark === undefined ? null : (
          <rect className="bar__mark" x={60 * mark - 1} width="2" height="10" />
        )}
      </svg>
    </span>
  );
}
