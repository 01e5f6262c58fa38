// How many alarms are open, beside the way to them; nothing while there are none or nobody knows.
import type { ReactNode } from "react";
import type { Alarm } from "../data/alarm-shapes.ts";
import { useItems } from "../data/use-items.ts";
import { formatNumber } from "../measure/number.ts";

/** Part of a link's text. */
export function AlarmCount(): ReactNode {
  const { value } = useItems<Alarm>("/api/v1/alarms?status=open");
  const open = value?.items.length ?? 0;
  if (open === 0) return null;
  return (
    <span className="masthead__count">
      {formatNumber(open)}
      <span className="usa-sr-only"> open</span>
    </span>
  );
}
