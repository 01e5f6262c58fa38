// What the public sees: buildings, and one building's days with small counts withheld.
import type { ReactNode } from "react";
import { apiPath } from "../data/api-path.ts";
import type {
  PublicBuilding,
  PublicDay,
  PublicDays,
  PublicWeek,
} from "../data/occupancy-shapes.ts";
import { usePages } from "../data/use-pages.ts";
import { useResource } from "../data/use-resource.ts";
import { Link } from "../location/link.tsx";
import { publicHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { weekdays } from "../measure/week-grid.ts";
import type { Column } from "../parts/column.ts";
import { Completeness } from "../parts/completeness.tsx";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Figure, Figures } from "../parts/figures.tsx";
import { Methods } from "../parts/methods.tsx";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { ShareBar } from "../parts/share-bar.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { apiRange } from "../time/range.ts";
import { useRange } from "../time/use-range.ts";
import { formatTime, startOfDay } from "../time/zone.ts";
import { usedShareMin } from "./occupancy-daily.tsx";

const trailHome = { name: "Public figures", href: "/public" };

const buildingColumns: readonly Column<PublicBuilding>[] = [
  {
    title: "Building",
    value: ({ name }) => name,
    // Whole weeks are released once they are over: the last seven days would show next to nothing.
    show: ({ id, name }) => <Link href={`${publicHref(id)}?range=30d`}>{name}</Link>,
  },
  {
    title: "Gross ft²",
    numeric: true,
    value: ({ grossFt2 }) => grossFt2,
    show: ({ grossFt2 }) => formatNumber(grossFt2),
  },
  {
    title: "Usable ft²",
    numeric: true,
    value: ({ usableFt2 }) => usableFt2,
    show: ({ usableFt2 }) => formatNumber(usableFt2),
  },
];

const weekColumns: readonly Column<PublicWeek>[] = [
  { title: "Week from Monday", value: ({ from }) => from },
  {
    title: "Persons, summed over its days",
    numeric: true,
    value: ({ personDays, days }) => (personDays === null && days > 0 ? "withheld" : personDays),
    show: ({ personDays, days }) =>
      personDays !== null
        ? formatNumber(personDays)
        : days > 0
          ? "withheld: few persons"
          : "no figure",
  },
  { title: "Days with a figure", numeric: true, value: ({ days }) => days },
];

/** The list of buildings. */
export function PublicPage(): ReactNode {
  const buildings = usePages<PublicBuilding>("/api/v1/public/buildings?limit=100");
  return (
    <Page
      title="Public figures"
      lead={<p>Building and day only; what could point at single persons is withheld.</p>}
    >
      <PagedTable
        title="Buildings"
        file="public-buildings"
        of={buildings}
        none="No building is registered yet."
        columns={buildingColumns}
        rowKey={({ id }) => id}
      />
    </Page>
  );
}

/** One building's days. Mount it with the building's id as key. */
export function PublicBuildingPage({ id }: { readonly id: string }): ReactNode {
  const buildings = useResource<{ readonly items: readonly PublicBuilding[] }>(
    "/api/v1/public/buildings?limit=1000",
    { still: true },
  );
  const building = buildings.value?.items.find((one) => one.id === id);
  return (
    <Page title={building?.name ?? id} trail={[trailHome]}>
      <Shown of={buildings} what="the public figures" size="panel">
        {() =>
          building === undefined ? (
            <Empty>
              <p>No building {id} is public here.</p>
            </Empty>
          ) : (
            <Days building={building} />
          )
        }
      </Shown>
    </Page>
  );
}

function Days({ building }: { readonly building: PublicBuilding }): ReactNode {
  const { id, zone } = building;
  const range = useRange(zone);
  const days = useResource<PublicDays>(
    apiPath(["public", "buildings", id, "days"], { ...apiRange(range) }),
  );
  return (
    <>
      <RangePicker range={range} zone={zone} />
      <Shown of={days} what="the public figures" size="panel">
        {(value) => <Released days={value} />}
      </Shown>
    </>
  );
}

function Released({ days }: { readonly days: PublicDays }): ReactNode {
  const { utilization, k, zone, releasedTo, building } = days;
  const columns: readonly Column<PublicDay>[] = [
    {
      title: "Day",
      value: ({ date }) => date,
      show: ({ date }) => formatTime(startOfDay(date, zone)!, zone, "day"),
    },
    {
      title: "Weekday",
      value: ({ weekday }) => weekdays.find((one) => one.weekday === weekday)?.name ?? null,
    },
    {
      title: "Persons",
      numeric: true,
      value: ({ persons, suppressed }) => (suppressed ? "withheld" : persons),
      show: ({ persons, suppressed }) =>
        suppressed
          ? "withheld: few persons"
          : persons === null
            ? "no figure"
            : formatNumber(persons),
    },
    {
      title: "Energy, kWh",
      numeric: true,
      value: ({ kwh }) => kwh,
      show: ({ kwh }) => formatNumber(kwh),
    },
    {
      title: "Energy completeness",
      numeric: true,
      value: ({ energy }) => (energy.expected > 0 ? energy.received / energy.expected : null),
      show: ({ energy }) => <Completeness share={energy} />,
    },
  ];
  return (
    <section className="part" aria-labelledby="public-title">
      <h2 id="public-title">Days</h2>
      <Figures>
        <Figure
          name="Utilization"
          value={
            <ShareBar
              share={utilization.rate}
              mark={usedShareMin}
              tone={utilization.below60 === true ? "poor" : "good"}
            />
          }
          note={
            utilization.below60 === null
              ? "not known in this range"
              : utilization.below60
                ? "below 60 % of capacity"
                : "60 % of capacity or more"
          }
        />
        <Figure
          name="Persons a day"
          value={formatNumber(utilization.meanPersons, 1)}
          note={`mean of ${formatNumber(utilization.days)} reporting days`}
        />
        <Figure
          name="Withheld below"
          value={formatNumber(k)}
          unit="persons"
          note="and what would give a small number away"
        />
        <Figure
          name="Released to"
          value={formatTime(Date.parse(releasedTo) - 1, zone, "day")}
          note="whole weeks, once they are over"
        />
      </Figures>
      {days.days.length === 0 ? (
        <Empty>
          <p>No day of this range is released yet.</p>
        </Empty>
      ) : (
        <section className="panel" aria-label="Public days">
          <header className="panel__head">
            <h3>Persons and energy by day</h3>
            <CsvButton
              name={`${building}-public`}
              what="the public days"
              columns={columns}
              rows={days.days}
            />
          </header>
          <DataTable
            caption="Public figures by day"
            captionHidden
            stacked
            columns={columns}
            rows={days.days}
            rowKey={({ date }) => date}
          />
        </section>
      )}
      {days.weeks.length === 0 ? null : (
        <section className="panel" aria-label="Public weeks">
          <header className="panel__head">
            <h3>Persons by week</h3>
            <CsvButton
              name={`${building}-public-weeks`}
              what="the public weeks"
              columns={weekColumns}
              rows={days.weeks}
            />
          </header>
          <DataTable
            caption="Public figures by week"
            captionHidden
            stacked
            columns={weekColumns}
            rows={days.weeks}
            rowKey={({ from }) => from}
          />
        </section>
      )}
      <Methods
        what="the public figures"
        of={["public", "utilization", "energy", "completeness"]}
        said={days.method}
      />
    </section>
  );
}
