// Which device is silent, wrong or unsure of its clock: all of them, those with a problem first.
import type { ReactNode } from "react";
import type { Device } from "../data/health-shapes.ts";
import { type BuildingNames, useBuildingNames } from "../data/use-building-names.ts";
import { useItems } from "../data/use-items.ts";
import { Link } from "../location/link.tsx";
import { useLocation } from "../location/location.ts";
import { withQuery } from "../location/query.ts";
import { deviceHref, placeHref } from "../location/route.ts";
import { birthWords, clockWords, deviceProblems } from "../measure/device-health.ts";
import { formatNumber } from "../measure/number.ts";
import { placePath } from "../measure/place.ts";
import { Chips } from "../parts/chips.tsx";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { formatTime, zoneName } from "../time/zone.ts";
import { DeviceHealth } from "./device-health.tsx";
import { HealthTabs } from "./health-tabs.tsx";

/** Rows drawn; the file has all. */
const rowsMax = 200;

const filters = [
  { show: null, name: "All", keeps: () => true },
  { show: "problem", name: "With a problem", keeps: hasProblem },
  { show: "silent", name: "Silent", keeps: ({ silent }: Device) => silent },
  { show: "clockless", name: "Without a clock", keeps: ({ clock }: Device) => clock === "none" },
] as const;

function hasProblem(device: Device): boolean {
  return deviceProblems(device).length > 0;
}

const columnsOf = (names: BuildingNames): readonly Column<Device>[] => [
  {
    title: "Device",
    value: ({ id }) => id,
    show: ({ id }) => <Link href={deviceHref(id)}>{id}</Link>,
  },
  { title: "Building", value: ({ building }) => building, fileOnly: true },
  {
    title: "Place",
    value: ({ place }) => place,
    show: ({ place, building }) => (
      <>
        <Link href={placeHref(place)}>
          <span className="nowrap">{placePath(place, building)}</span>
        </Link>
        {names.size > 1 ? (
          <span className="under">{names.get(building)?.name ?? building}</span>
        ) : null}
      </>
    ),
  },
  {
    title: "Health",
    value: (device) => deviceProblems(device).join("; ") || "well",
    show: (device) => <DeviceHealth device={device} />,
  },
  { title: "State", value: ({ state }) => state, show: ({ state }) => state ?? "not said" },
  {
    title: "Clock",
    value: ({ clock }) => clock,
    show: ({ clock }) => clockWords(clock),
  },
  {
    title: "Birth and registry",
    value: ({ birth }) => birthWords(birth),
  },
  {
    title: "Bridge",
    value: ({ bridge }) => bridge,
    show: ({ bridge }) =>
      bridge === null ? "none" : <Link href={deviceHref(bridge)}>{bridge}</Link>,
  },
  {
    title: "Last statement",
    value: ({ lastStatementAt }) => lastStatementAt,
    show: ({ lastStatementAt, building }) => {
      if (lastStatementAt === null) return "never";
      const zone = names.get(building)?.zone ?? "UTC";
      return (
        <span className="nowrap">
          {formatTime(lastStatementAt, zone)} {zoneName(zone, Date.parse(lastStatementAt))}
        </span>
      );
    },
  },
  {
    title: "Readings",
    numeric: true,
    value: ({ received }) => received,
    show: ({ received }) => formatNumber(received),
  },
];

/** Filters are in the address: `?building=b1&show=silent`. */
export function DevicesPage(): ReactNode {
  const query = new URLSearchParams(useLocation().search);
  const building = query.get("building");
  const filter = filters.find(({ show }) => show === query.get("show")) ?? filters[0];
  const devices = useItems<Device>("/api/v1/devices");
  return (
    <Page
      title="Devices"
      lead={
        <p>A device is silent when nothing came for three of its intervals, at least 15 minutes.</p>
      }
    >
      <HealthTabs />
      <Chips
        label="Filters"
        chips={[
          ...filters.map(({ show, name }) => ({
            name,
            href: withQuery("/devices", { building, show }),
            current: show === filter.show,
          })),
          ...(building === null
            ? []
            : [
                {
                  name: `Only building ${building}`,
                  href: withQuery("/devices", { show: filter.show }),
                  current: true,
                  removes: "show all buildings",
                },
              ]),
        ]}
      />
      <Shown of={devices} what="the devices" size="panel">
        {({ items, more }) => (
          <Listed
            more={more}
            rows={items
              .filter(
                (device) =>
                  (building === null || device.building === building) && filter.keeps(device),
              )
              .toSorted((a, b) => Number(hasProblem(b)) - Number(hasProblem(a)))}
          />
        )}
      </Shown>
    </Page>
  );
}

interface ListedProps {
  readonly rows: readonly Device[];
  readonly more: boolean;
}

function Listed({ rows, more }: ListedProps): ReactNode {
  const columns = columnsOf(useBuildingNames());
  if (rows.length === 0)
    return (
      <Empty>
        <p>No device is like that.</p>
      </Empty>
    );
  const troubled = rows.filter(hasProblem).length;
  const notes = [
    rows.length > rowsMax ? `the first ${rowsMax} are shown, the file has all` : null,
    more ? "there are more than are counted here" : null,
  ].filter((note) => note !== null);
  return (
    <section className="panel" aria-label="Devices">
      <header className="panel__head">
        <h2>
          {formatNumber(rows.length)} {rows.length === 1 ? "device" : "devices"},{" "}
          {troubled === 0 ? "all well" : `${formatNumber(troubled)} with a problem`}
        </h2>
        {notes.length > 0 ? <p className="panel__note">{notes.join("; ")}</p> : null}
        <CsvButton name="devices" what="the devices" columns={columns} rows={rows} />
      </header>
      <DataTable
        caption="Devices and how they do"
        captionHidden
        stacked
        columns={columns}
        rows={rows.slice(0, rowsMax)}
        rowKey={({ id }) => id}
      />
    </section>
  );
}
