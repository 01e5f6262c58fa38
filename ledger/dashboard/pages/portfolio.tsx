// The portfolio: what needs attention in which building, then every building with its use and energy over the range.
import type { ReactNode } from "react";
import type { EnergyProfile } from "../data/energy-shapes.ts";
import type { OccupancyDays } from "../data/occupancy-shapes.ts";
import type { Building } from "../data/shapes.ts";
import { buildingPath } from "../data/use-building.ts";
import { useEach } from "../data/use-each.ts";
import { useHealth } from "../data/use-health.ts";
import { type Pages, usePages } from "../data/use-pages.ts";
import { Link } from "../location/link.tsx";
import { buildingHref } from "../location/route.ts";
import { type Finding, findingsOf } from "../measure/findings.ts";
import { formatNumber, formatShare } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Completeness, describeCompleteness } from "../parts/completeness.tsx";
import { Figure, Figures } from "../parts/figures.tsx";
import { FindingGroups } from "../parts/findings.tsx";
import { Methods } from "../parts/methods.tsx";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { isSettled } from "../parts/settled.tsx";
import { ShareBar } from "../parts/share-bar.tsx";
import { Empty, Loading, Shown } from "../parts/states.tsx";
import { useRange } from "../time/use-range.ts";
import { formatTime, zoneName } from "../time/zone.ts";
import { TrustLevel, trustName } from "../trust/trust-level.tsx";
import { usedShareMin } from "./occupancy-daily.tsx";

const pageBuildings = 25;

interface BuildingRow extends Building {
  readonly profile: EnergyProfile | null;
  readonly days: OccupancyDays | null;
  readonly findings: readonly Finding[];
}

/** The first page. */
export function Portfolio(): ReactNode {
  const buildings = usePages<Building>(`/api/v1/buildings?limit=${pageBuildings}`);
  return (
    <Page
      title="Buildings"
      lead={<p>Use and energy of every building. Every figure can be traced to signed readings.</p>}
    >
      <Shown of={buildings.page} what="the buildings" size="panel">
        {({ items }) =>
          items.length === 0 ? <NoBuildings /> : <Listed items={items} pages={buildings} />
        }
      </Shown>
    </Page>
  );
}

interface ListedProps {
  readonly items: readonly Building[];
  readonly pages: Pages<Building>;
}

function Listed({ items, pages }: ListedProps): ReactNode {
  const zones = new Set(items.map(({ zone }) => zone));
  const zone = zones.size === 1 ? items[0]!.zone : "UTC";
  const range = useRange(zone);
  const { alarms, silent, gateways, now } = useHealth();
  const asked = (figure: string) =>
    items.map(({ id }) => ({ name: id, path: buildingPath(id, figure, range) }));
  const profiles = useEach<EnergyProfile>(asked("energy/profile"));
  const days = useEach<OccupancyDays>(asked("occupancy/days"));
  const rows = items.map((building): BuildingRow => {
    const profile = profiles.values.get(building.id) ?? null;
    const use = days.values.get(building.id) ?? null;
    return {
      ...building,
      profile,
      days: use,
      findings: findingsOf({
        building,
        alarms: alarms.value?.items ?? null,
        silent: silent.value?.items ?? null,
        gateways: gateways.value?.items ?? null,
        now,
        utilization: use?.utilization ?? null,
        energy: profile,
        rooms: null,
      }),
    };
  });
  const listed: Pages<BuildingRow> = {
    ...pages,
    page: { ...pages.page, value: { items: rows, next: pages.page.value?.next ?? null } },
  };
  if (!(profiles.settled && days.settled && [alarms, silent, gateways].every(isSettled)))
    return (
      <>
        <RangePicker range={range} zone={zone} />
        <Loading what="the figures of the buildings" size="page" />
      </>
    );
  return (
    <>
      <RangePicker range={range} zone={zone} />
      <section className="part" aria-labelledby="attention-title">
        <h2 id="attention-title">Needs attention</h2>
        <FindingGroups
          groups={rows
            .toSorted((a, b) => weight(b) - weight(a))
            .map(({ id, name, findings }) => ({ name, href: buildingHref(id), findings }))}
        />
      </section>
      <section className="part" aria-labelledby="all-title">
        <h2 id="all-title">All buildings</h2>
        <Totals rows={rows} />
        <PagedTable
          title="Buildings over the range"
          level={3}
          file="buildings"
          of={listed}
          none="No building is registered yet."
          {...(zones.size > 1
            ? { note: "Days are those of UTC: the buildings’ clocks differ" }
            : {})}
          columns={columns}
          rowKey={({ id }) => id}
        />
        <Methods
          what="the figures of buildings"
          of={["utilization", "persons", "energy", "afterHours", "completeness"]}
        />
      </section>
    </>
  );
}

function weight({ findings }: BuildingRow): number {
  return findings.reduce((sum, finding) => sum + (finding.weight === "act" ? 100 : 1), 0);
}

function Totals({ rows }: { readonly rows: readonly BuildingRow[] }): ReactNode {
  const metered = rows.filter(({ profile }) => profile !== null && profile.kwh !== null);
  const sum = (pick: (row: BuildingRow) => number | null | undefined): number =>
    rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
  const measured = rows.filter(({ grossFt2 }) => grossFt2 !== null);
  const share = {
    received: sum(({ profile }) => profile?.received),
    expected: sum(({ profile }) => profile?.expected),
  };
  return (
    <Figures>
      <Figure
        name={rows.length === 1 ? "Building" : "Buildings"}
        value={formatNumber(rows.length)}
        note={`${counted(
          sum(({ devices }) => devices),
          "device",
        )}, ${counted(
          sum(({ gateways }) => gateways),
          "gateway",
        )}`}
      />
      <Figure
        name="Energy"
        value={formatNumber(metered.length > 0 ? sum(({ profile }) => profile?.kwh) : null)}
        unit="kWh"
        note={`from ${counted(metered.length, "metered building")}`}
      />
      <Figure
        name="Floor area"
        value={formatNumber(measured.length > 0 ? sum(({ grossFt2 }) => grossFt2) : null)}
        unit="ft²"
        note={`gross, of ${counted(measured.length, "building")}`}
      />
      <Figure
        name="Completeness"
        value={<Completeness share={share} />}
        note={`${describeCompleteness(share)} of the main meters`}
      />
    </Figures>
  );
}

const columns: readonly Column<BuildingRow>[] = [
  {
    title: "Building",
    value: ({ name }) => name,
    show: ({ id, name }) => <Link href={buildingHref(id)}>{name}</Link>,
  },
  {
    title: "Utilization",
    numeric: true,
    value: ({ days }) => days?.utilization.rate ?? null,
    show: ({ days }) => (
      <ShareBar
        share={days?.utilization.rate ?? null}
        mark={usedShareMin}
        tone={days?.utilization.below60 === true ? "poor" : "good"}
      />
    ),
  },
  {
    title: "Persons a day",
    numeric: true,
    value: ({ days }) => days?.utilization.meanPersons ?? null,
    show: ({ days }) => formatNumber(days?.utilization.meanPersons, 1),
  },
  {
    title: "Energy, kWh",
    numeric: true,
    value: ({ profile }) => profile?.kwh ?? null,
    show: ({ profile }) => formatNumber(profile?.kwh),
  },
  {
    title: "After hours",
    numeric: true,
    value: ({ profile }) => profile?.afterHours.share ?? null,
    show: ({ profile }) =>
      profile?.afterHours.hoursKnown === false
        ? "no hours registered"
        : profile?.afterHours.share == null
          ? "–"
          : formatShare(profile.afterHours.share, 1),
  },
  {
    title: "Completeness",
    numeric: true,
    value: ({ profile }) =>
      profile !== null && profile.expected > 0 ? profile.received / profile.expected : null,
    show: ({ profile }) => (profile === null ? "–" : <Completeness share={profile} />),
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
