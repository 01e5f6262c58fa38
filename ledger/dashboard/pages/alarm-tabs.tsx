// Alarms, and the rules behind them.
import type { ReactNode } from "react";
import { Tabs } from "../parts/tabs.tsx";

/** Links between the two. */
export function AlarmTabs(): ReactNode {
  return (
    <Tabs
      label="Views of alarms"
      tabs={[
        { name: "Alarms", href: "/alarms" },
        { name: "Rules", href: "/alarms/rules" },
      ]}
    />
  );
}
