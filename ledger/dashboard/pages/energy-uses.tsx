// Where the energy goes: sub-meters against the main meters, and what no sub-meter saw.
import type { ReactNode } from "react";
import type { EnergyProfile } from "../data/energy-shapes.ts";
import type { Completeness as Share } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import { pointHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Completeness } from "../parts/completeness.tsx";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { ShareBar } from "../parts/share-bar.tsx";
import { Empty } from "../parts/states.tsx";

interface UseRow {
  readonly name: string;
  readonly point: string | null;
  readonly kwh: number | null;
  readonly share: number | null;
  readonly completeness: Share | null;
}

/** Shares of the main meters' energy, the greatest first. */
export function EnergyUses({ profile }: { readonly profile: EnergyProfile }): ReactNode {
  const { building } = profile;
  const rows = rowsOf(profile);
  const columns: readonly Column<UseRow>[] = [
    {
      title: "Use",
      value: ({ name }) => name,
      show: ({ name, point }) =>
        point === null ? name : <Link href={pointHref(building, point)}>{name}</Link>,
    },
    {
      title: "Energy, kWh",
      numeric: true,
      value: ({ kwh }) => kwh,
      show: ({ kwh }) => formatNumber(kwh, 1),
    },
    {
      title: "Share",
      numeric: true,
      value: ({ share }) => share,
      show: ({ share }) => <ShareBar share={share} />,
    },
    {
      title: "Completeness",
      numeric: true,
      value: ({ completeness }) =>
        completeness === null || completeness.expected === 0
          ? null
          : completeness.received / completeness.expected,
      show: ({ completeness }) =>
        completeness === null ? "–" : <Completeness share={completeness} />,
    },
  ];
  return (
    <section className="panel" aria-label="Uses">
      <header className="panel__head">
        <h3>Uses</h3>
        <CsvButton name={`${building}-uses`} what="the uses" columns={columns} rows={rows} />
      </header>
      {profile.uses.length === 0 ? (
        <Empty>
          <p>No sub-meter is enrolled, so only the whole is known.</p>
        </Empty>
      ) : (
        <DataTable
          caption="Energy by sub-meter"
          captionHidden
          stacked
          columns={columns}
          rows={rows}
          rowKey={({ name }) => name}
        />
      )}
    </section>
  );
}

function rowsOf({ uses, kwh }: EnergyProfile): readonly UseRow[] {
  const rows: UseRow[] = uses
    .map((use) => ({
      name: use.label ?? use.point,
      point: use.point,
      kwh: use.kwh,
      share: use.share,
      completeness: { received: use.received, expected: use.expected },
    }))
    .toSorted((a, b) => (b.kwh ?? -1) - (a.kwh ?? -1));
  const seen = uses.every((use) => use.kwh !== null)
    ? uses.reduce((sum, use) => sum + use.kwh!, 0)
    : null;
  const rest = kwh === null || seen === null ? null : kwh - seen;
  return [
    ...rows,
    {
      name: "Not seen by a sub-meter",
      point: null,
      kwh: rest,
      share: rest === null || kwh === null || kwh <= 0 ? null : Math.max(0, rest / kwh),
      completeness: null,
    },
  ];
}
