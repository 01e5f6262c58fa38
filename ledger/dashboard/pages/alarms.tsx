// The alarms: what rings, since when and who knows of it; acknowledged with a name and a note.
import type { ReactNode } from "react";
import type { Alarm, AlarmStatus } from "../data/alarm-shapes.ts";
import { apiPath } from "../data/api-path.ts";
import { useBuildingNames } from "../data/use-building-names.ts";
import { usePages } from "../data/use-pages.ts";
import { Link } from "../location/link.tsx";
import { useLocation } from "../location/location.ts";
import { withQuery } from "../location/query.ts";
import { buildingHref, deviceHref, evidenceHref, pointHref } from "../location/route.ts";
import { formatAge, formatShare } from "../measure/number.ts";
import { formatValue } from "../measure/unit.ts";
import { Chips } from "../parts/chips.tsx";
import type { Column } from "../parts/column.ts";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { formatTime, zoneName } from "../time/zone.ts";
import { Acknowledge } from "./alarm-acknowledge.tsx";
import { AlarmTabs } from "./alarm-tabs.tsx";

const pageRows = 50;

const statuses: readonly { readonly status: AlarmStatus; readonly name: string }[] = [
  { status: "open", name: "Open" },
  { status: "acknowledged", name: "Acknowledged" },
  { status: "closed", name: "Closed" },
];

const none: Readonly<Record<AlarmStatus, string>> = {
  open: "No alarm is open.",
  acknowledged: "No alarm is acknowledged and still on.",
  closed: "No alarm has closed yet.",
};

/** Status and building are in the address: `?status=closed&building=b1`. */
export function AlarmsPage(): ReactNode {
  const query = new URLSearchParams(useLocation().search);
  const building = query.get("building");
  const { status } = statuses.find((one) => one.status === query.get("status")) ?? statuses[0]!;
  return (
    <Page title="Alarms" lead={<p>An open alarm waits for somebody to say that they know.</p>}>
      <AlarmTabs />
      <Chips
        label="Filters"
        chips={[
          ...statuses.map((one) => ({
            name: one.name,
            href: withQuery("/alarms", { status: one.status, building }),
            current: one.status === status,
          })),
          ...(building === null
            ? []
            : [
                {
                  name: `Only building ${building}`,
                  href: withQuery("/alarms", { status }),
                  current: true,
                  removes: "show all buildings",
                },
              ]),
        ]}
      />
      <AlarmList key={`${status} ${building}`} status={status} building={building} />
    </Page>
  );
}

interface AlarmListProps {
  readonly status: AlarmStatus;
  readonly building: string | null;
}

function AlarmList({ status, building }: AlarmListProps): ReactNode {
  const names = useBuildingNames();
  const alarms = usePages<Alarm>(
    apiPath(["alarms"], { status, building, limit: String(pageRows) }),
  );
  const when = ({ building: id }: Alarm, time: string): string => {
    const zone = names.get(id)?.zone ?? "UTC";
    return `${formatTime(time, zone)} ${zoneName(zone, Date.parse(time))}`;
  };
  const columns: readonly Column<Alarm>[] = [
    {
      title: "Alarm",
      value: ({ title }) => title,
      show: ({ title, says, flapping, reopened }) => (
        <>
          <strong>{title}</strong>
          <span className="under">{says}</span>
          {flapping ? (
            <span className="under">
              Rang again {reopened} times: its limits may want a wider band
            </span>
          ) : null}
        </>
      ),
    },
    {
      title: "Severity",
      value: ({ severity }) => severity,
      show: ({ severity }) => <span className={`severity severity--${severity}`}>{severity}</span>,
    },
    { title: "Building", value: ({ building: id }) => id, fileOnly: true },
    {
      title: "About",
      value: ({ subject }) => subject,
      show: (alarm) => (
        <Subject alarm={alarm} name={names.get(alarm.building)?.name ?? alarm.building} />
      ),
    },
    {
      title: "Measured",
      numeric: true,
      value: ({ worst }) => worst,
      show: measured,
    },
    {
      title: "Opened",
      value: ({ openedAt }) => openedAt,
      show: (alarm) => <span className="nowrap">{when(alarm, alarm.openedAt)}</span>,
    },
    ...(status === "closed"
      ? [
          {
            title: "Closed",
            value: ({ closedAt }: Alarm) => closedAt,
            show: (alarm: Alarm) =>
              alarm.closedAt === null ? (
                "–"
              ) : (
                <>
                  {when(alarm, alarm.closedAt)}
                  <span className="under">{alarm.closedBecause}</span>
                </>
              ),
          },
        ]
      : []),
    {
      title: "Acknowledged",
      value: ({ acknowledgedBy }) => acknowledgedBy,
      show: (alarm) =>
        alarm.acknowledgedAt === null ? (
          alarm.status === "open" ? (
            <Acknowledge alarm={alarm} done={alarms.page.retry} />
          ) : (
            "nobody"
          )
        ) : (
          <>
            {alarm.acknowledgedBy ?? "somebody"}
            <span className="under">{when(alarm, alarm.acknowledgedAt)}</span>
            {alarm.note === null ? null : <span className="under">{alarm.note}</span>}
          </>
        ),
    },
    {
      title: "Who was told",
      value: ({ deliveries }) =>
        deliveries.map(({ channel, state }) => `${channel}: ${state}`).join("; "),
      show: (alarm) => <Told alarm={alarm} />,
    },
  ];
  return (
    <PagedTable
      title={`${statuses.find((one) => one.status === status)!.name} alarms`}
      file={`alarms-${status}`}
      of={alarms}
      none={none[status]}
      columns={columns}
      rowKey={({ id }) => id}
    />
  );
}

interface SubjectProps {
  readonly alarm: Alarm;
  readonly name: string; // of its building
}

/** What rings, where, and the reading that proves it. */
function Subject({ alarm, name }: SubjectProps): ReactNode {
  const { subject, subjectKind, building, evidence } = alarm;
  return (
    <span className="nowrap">
      {subjectKind === "point" ? (
        <Link href={pointHref(building, subject)}>{subject}</Link>
      ) : subjectKind === "device" ? (
        <Link href={deviceHref(subject)}>{subject}</Link>
      ) : subjectKind === "gateway" ? (
        <Link href="/gateways">{subject}</Link>
      ) : (
        subject
      )}
      <span className="under">
        <Link href={buildingHref(building)}>{name}</Link>
      </span>
      {evidence === null ? null : (
        <span className="under">
          <Link href={evidenceHref(evidence.gateway, evidence.index)}>
            Verify<span className="usa-sr-only"> the reading behind {alarm.title}</span>
          </Link>
        </span>
      )}
    </span>
  );
}

/** The worst value in the unit that people read. */
function measured({ worst, unit }: Alarm): string {
  if (unit === "1") return formatShare(worst, 1);
  if (unit === "s") return formatAge(worst * 1_000);
  return formatValue({ unit, brick: unit === "/" ? "CO2" : null }, worst);
}

function Told({ alarm: { deliveries, historic } }: { readonly alarm: Alarm }): ReactNode {
  if (historic) return "nobody: it was found late";
  if (deliveries.length === 0) return "no channel";
  return (
    <ul className="stack">
      {deliveries.map(({ channel, event, state, error }) => (
        <li key={`${channel} ${event}`}>
          {channel}: {event}, {state}
          {error === null ? null : <span className="under">{error}</span>}
        </li>
      ))}
    </ul>
  );
}
