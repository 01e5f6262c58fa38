// Why messages do not count: anchored like all others and kept, each with the reason in words and what to do about it.
import type { ReactNode } from "react";
import { apiPath } from "../data/api-path.ts";
import type { Gateway, StandingEntry } from "../data/health-shapes.ts";
import { useItems } from "../data/use-items.ts";
import { usePages } from "../data/use-pages.ts";
import { Link } from "../location/link.tsx";
import { useLocation } from "../location/location.ts";
import { withQuery } from "../location/query.ts";
import { deviceHref, evidenceHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { Chips } from "../parts/chips.tsx";
import type { Column } from "../parts/column.ts";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { UtcTime } from "../parts/utc-time.tsx";
import { HealthTabs } from "./health-tabs.tsx";
import { refusals, standingWords } from "./standing.ts";

const pageRows = 50;

const columns: readonly Column<StandingEntry>[] = [
  {
    title: "Entry",
    value: ({ gateway, index }) => `${gateway} #${index}`,
    show: ({ gateway, index }) => (
      <Link href={evidenceHref(gateway, index)}>{`${gateway} #${index}`}</Link>
    ),
  },
  {
    title: "Reason",
    value: ({ standing }) => standing,
    show: ({ standing }) => standingWords(standing),
  },
  {
    title: "What to do",
    value: ({ standing }) => refusals[standing]?.todo ?? null,
    show: ({ standing }) => refusals[standing]?.todo ?? "–",
  },
  {
    title: "Device",
    value: ({ device }) => device,
    show: ({ device }) =>
      device === null ? "unknown" : <Link href={deviceHref(device)}>{device}</Link>,
  },
  { title: "Number in sequence", numeric: true, value: ({ sequence }) => sequence },
  {
    title: "Time it claims",
    value: ({ time }) => time,
    show: ({ time }) => (time === null ? "unknown" : <UtcTime time={time} />),
  },
];

/** One reason at a time when the address says so: `?standing=duplicate`. */
export function QuarantinePage(): ReactNode {
  const standing = new URLSearchParams(useLocation().search).get("standing");
  const known = standing !== null && standing in refusals ? standing : null;
  const gateways = useItems<Gateway>("/api/v1/gateways");
  const counts = countsOf(gateways.value?.items ?? []);
  return (
    <Page
      title="Refused messages"
      lead={
        <p>
          A message that cannot count is kept with its reason, and counts nowhere. What a gateway
          refuses at its door stays in the gateway; what is here was anchored.
        </p>
      }
    >
      <HealthTabs />
      <Chips
        label="Reasons"
        chips={[
          { name: "All reasons", href: "/quarantine", current: known === null },
          ...Object.keys(refusals)
            .filter((code) => code === known || (counts.get(code) ?? 0) > 0)
            .map((code) => ({
              name: `${standingWords(code)}: ${formatNumber(counts.get(code) ?? 0)}`,
              href: withQuery("/quarantine", { standing: code }),
              current: code === known,
            })),
        ]}
      />
      <Entries key={known} standing={known} />
    </Page>
  );
}

/** Entries by their standing, of all gateways. */
function countsOf(gateways: readonly Gateway[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { standing } of gateways)
    for (const [code, count] of Object.entries(standing))
      counts.set(code, (counts.get(code) ?? 0) + count);
  return counts;
}

function Entries({ standing }: { readonly standing: string | null }): ReactNode {
  const entries = usePages<StandingEntry>(
    apiPath(["quarantine"], { limit: String(pageRows), standing }),
  );
  return (
    <PagedTable
      title={standing === null ? "Entries that do not count" : standingWords(standing)}
      file="quarantine"
      of={entries}
      none="None. Every anchored entry counts."
      columns={columns}
      rowKey={({ gateway, index }) => `${gateway} ${index}`}
    />
  );
}
