// Whether the gateways deliver: lag, what they have anchored, and how it stands.
import type { ReactNode } from "react";
import type { Gateway } from "../data/health-shapes.ts";
import { useLive } from "../data/live.ts";
import { useBuildingNames } from "../data/use-building-names.ts";
import { usePages } from "../data/use-pages.ts";
import { Link } from "../location/link.tsx";
import { buildingHref } from "../location/route.ts";
import { formatAge, formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { UtcTime } from "../parts/utc-time.tsx";
import { HealthTabs } from "./health-tabs.tsx";
import { standingWords } from "./standing.ts";

/** Lag is measured by the ledger's own time. */
export function GatewaysPage(): ReactNode {
  const gateways = usePages<Gateway>("/api/v1/gateways?limit=100");
  const names = useBuildingNames();
  const { asOf } = useLive();
  const now = asOf === null ? Date.now() : Date.parse(asOf);
  const lagSeconds = (anchoredAt: string): number =>
    Math.max(0, Math.round((now - Date.parse(anchoredAt)) / 1_000));
  const columns: readonly Column<Gateway>[] = [
    { title: "Gateway", value: ({ id }) => id },
    {
      title: "Building",
      value: ({ building }) => building,
      show: ({ building }) => (
        <Link href={buildingHref(building)}>{names.get(building)?.name ?? building}</Link>
      ),
    },
    {
      title: "Status",
      value: ({ status }) => status,
      show: ({ status }) => <span className={`state state--${status}`}>{status}</span>,
    },
    {
      title: "Last anchored",
      value: ({ anchoredAt }) => anchoredAt,
      show: ({ anchoredAt }) => <UtcTime time={anchoredAt} />,
    },
    {
      title: "Behind the ledger, s",
      numeric: true,
      value: ({ anchoredAt }) => (anchoredAt === null ? null : lagSeconds(anchoredAt)),
      show: ({ anchoredAt }) =>
        anchoredAt === null ? "–" : formatAge(lagSeconds(anchoredAt) * 1_000),
    },
    {
      title: "Entries",
      numeric: true,
      value: ({ size }) => size,
      show: ({ size }) => formatNumber(size),
    },
    {
      title: "How they stand",
      value: ({ standing }) => standingText(standing),
      show: ({ standing }) => <Standing standing={standing} />,
    },
  ];
  return (
    <Page
      title="Gateways"
      lead={
        <p>Each building’s gateway logs what devices sign and anchors its log on the ledger.</p>
      }
    >
      <HealthTabs />
      <PagedTable
        title="All gateways"
        file="gateways"
        of={gateways}
        none="No gateway is enrolled yet."
        columns={columns}
        rowKey={({ id }) => id}
      />
    </Page>
  );
}

function standingParts(standing: Gateway["standing"]): readonly (readonly [string, number])[] {
  return Object.entries(standing).filter(([code, count]) => count > 0 && code !== "genesis");
}

function standingText(standing: Gateway["standing"]): string {
  return standingParts(standing)
    .map(([code, count]) => `${count} ${standingWords(code).toLowerCase()}`)
    .join("; ");
}

function Standing({ standing }: { readonly standing: Gateway["standing"] }): ReactNode {
  const parts = standingParts(standing);
  if (parts.length === 0) return "nothing yet";
  return (
    <ul className="stack">
      {parts.map(([code, count]) => (
        <li key={code}>
          {formatNumber(count)} {standingWords(code).toLowerCase()}
        </li>
      ))}
    </ul>
  );
}
