// How many alarms are open, beside the way to them; nothing while there are none or nobody knows.
import type { ReactNode } from "react";
import { useOpenAlarms } from "../data/open-alarms.tsx";
import { formatNumber } from "../measure/number.ts";

/** Part of a link's text. */
export function AlarmCount(): ReactNode {
  const { value } = useOpenAlarms();
  const open = value?.items.length ?? 0;
  if (open === 0) return null;
  return (
    <span className="masthead__count">
      {formatNumber(open)}
      <span className="usa-sr-only"> open</span>
    </span>
  );
}
