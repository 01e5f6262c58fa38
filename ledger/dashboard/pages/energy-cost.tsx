// What the energy costs: the lines of its bills under the tariffs in force, each tariff with its source and version.
import type { ReactNode } from "react";
import type { CostLine, EnergyProfile } from "../data/energy-shapes.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { formatTime } from "../time/zone.ts";
import { formatMoney } from "./energy-figures.tsx";

/** Nothing where no tariff is in force. */
export function EnergyCost({ profile }: { readonly profile: EnergyProfile }): ReactNode {
  const { cost, zone, building } = profile;
  if (cost === null) return null;
  const { lines, currency, cents, tariffs } = cost;
  const columns: readonly Column<CostLine>[] = [
    { title: "Charge", value: ({ name }) => name },
    { title: "From", value: ({ from }) => from, show: ({ from }) => formatTime(from, zone) },
    { title: "To", value: ({ to }) => to, show: ({ to }) => formatTime(to, zone) },
    {
      title: `Amount, ${currency}`,
      numeric: true,
      value: (line) => line.cents / 100,
      show: (line) => formatMoney(line.cents, currency),
    },
  ];
  return (
    <section className="part" aria-labelledby="cost-title">
      <h2 id="cost-title">What it costs</h2>
      <section className="panel" aria-label="Bill">
        <header className="panel__head">
          <h3>{formatMoney(cents, currency)} in this range</h3>
          <CsvButton name={`${building}-cost`} what="the bill" columns={columns} rows={lines} />
        </header>
        <p className="method">
          {tariffs
            .map(
              ({ name, from, citation, version }) =>
                `${name}, in force from ${formatTime(from, zone, "full")} (${citation}; version ${version.slice(0, 12)}…)`,
            )
            .join("; ")}
        </p>
        <DataTable
          caption="Lines of the bill"
          captionHidden
          stacked
          columns={columns}
          rows={lines}
          rowKey={({ name, from }) => `${name} ${from}`}
        />
      </section>
    </section>
  );
}
