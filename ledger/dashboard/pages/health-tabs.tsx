// The three views of what lies between the rooms and the ledger.
import type { ReactNode } from "react";
import { Tabs } from "../parts/tabs.tsx";

const tabs = [
  { name: "Devices", href: "/devices" },
  { name: "Gateways", href: "/gateways" },
  { name: "Refused messages", href: "/quarantine" },
] as const;

/** Links among them. */
export function HealthTabs(): ReactNode {
  return <Tabs label="Views of devices" tabs={tabs} />;
}
