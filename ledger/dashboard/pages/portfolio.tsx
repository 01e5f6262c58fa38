// The portfolio: every building with its week, how complete it is and who vouches for it.
import type { ReactNode } from "react";
import type { Building, Page as Items } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { Link } from "../location/link.tsx";
import { buildingHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Completeness, describeCompleteness } from "../parts/completeness.tsx";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Figure, Figures } from "../parts/figures.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { formatTime, zoneName } from "../time/zone.ts";
import { TrustLevel, trustName } from "../trust/trust-level.tsx";

const columns: readonly Column<Building>[] = [
  {
    title: "Building",
    value: ({ name }) => name,
    show: ({ id, name }) => <Link href={buildingHref(id)}>{name}</Link>,
  },
  {
    title: "Area, ft²",
    numeric: true,
    value: ({ grossFt2 }) => grossFt2,
    show: ({ grossFt2 }) => formatNumber(grossFt2),
  },
  {
    title: "Peak persons",
    numeric: true,
    value: ({ week }) => week.peakOccupancy,
    show: ({ week }) => formatNumber(week.peakOccupancy),
  },
  {
    title: "Energy, kWh",
    numeric: true,
    value: ({ week }) => week.kwh,
    show: ({ week }) => formatNumber(week.kwh),
  },
  {
    title: "Completeness",
    numeric: true,
    value: ({ week: { completeness } }) =>
      completeness.expected > 0 ? completeness.received / completeness.expected : null,
    show: ({ week }) => <Completeness share={week.completeness} />,
  },
  {
    title: "Trust",
    value: ({ trust }) => trustName(trust),
    show: ({ trust }) => <TrustLevel trust={trust} />,
  },
  {
    title: "Last reading",
    value: ({ lastReadingAt }) => lastReadingAt,
    show: ({ lastReadingAt, zone }) => (
      <span className="nowrap">
        {lastReadingAt === null
          ? "none yet"
          : `${formatTime(lastReadingAt, zone)} ${zoneName(zone, Date.parse(lastReadingAt))}`}
      </span>
    ),
  },
];

/** The first page. */
export function Portfolio(): ReactNode {
  const buildings = useResource<Items<Building>>("/api/v1/buildings");
  return (
    <Page
      title="Buildings"
      lead={
        <p>
          Energy and occupancy of the last seven days. Every figure can be traced to signed
          readings.
        </p>
      }
    >
      <Shown of={buildings} what="the buildings" tall>
        {({ items }) => (items.length === 0 ? <NoBuildings /> : <Listed items={items} />)}
      </Shown>
    </Page>
  );
}

function Listed({ items }: { readonly items: readonly Building[] }): ReactNode {
  const energy = items.filter(({ week }) => week.kwh !== null);
  const sum = (pick: (building: Building) => number | null): number =>
    items.reduce((total, building) => total + (pick(building) ?? 0), 0);
  const share = {
    received: sum(({ week }) => week.completeness.received),
    expected: sum(({ week }) => week.completeness.expected),
  };
  return (
    <>
      <Figures>
        <Figure
          name={items.length === 1 ? "Building" : "Buildings"}
          value={formatNumber(items.length)}
          note={`${counted(
            sum(({ devices }) => devices),
            "device",
          )}, ${counted(
            sum(({ gateways }) => gateways),
            "gateway",
          )}`}
        />
        <Figure
          name="Energy, seven days"
          value={formatNumber(energy.length > 0 ? sum(({ week }) => week.kwh) : null)}
          unit="kWh"
          note={`from ${counted(energy.length, "metered building")}`}
        />
        <Figure
          name="Floor area"
          value={formatNumber(sum(({ grossFt2 }) => grossFt2))}
          unit="ft²"
          note="gross, as registered"
        />
        <Figure
          name="Completeness"
          value={<Completeness share={share} />}
          note={describeCompleteness(share)}
        />
      </Figures>
      <section className="panel" aria-labelledby="portfolio-title">
        <header className="panel__head">
          <h2 id="portfolio-title">This week by building</h2>
          <CsvButton name="buildings" what="the buildings" columns={columns} rows={items} />
        </header>
        <DataTable
          caption="Buildings and their last seven days"
          captionHidden
          stacked
          columns={columns}
          rows={items}
          rowKey={({ id }) => id}
        />
      </section>
    </>
  );
}

function counted(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function NoBuildings(): ReactNode {
  return (
    <Empty>
      <p>No building is registered in this ledger yet.</p>
      <p>
        Try <code>muniment demo</code>, or register one and enrol its gateway with{" "}
        <code>muniment gateway enrol</code>.
      </p>
    </Empty>
  );
}
