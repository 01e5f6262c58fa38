// The building's places and their measuring points, with the last value of each.
import type { ReactNode } from "react";
import type { BuildingDetail, Point } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import { pointHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { displayUnit } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/states.tsx";
import type { Range } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";

interface BuildingPointsProps {
  readonly building: BuildingDetail;
  readonly range: Range;
}

/** The section "Places and points". */
export function BuildingPoints({ building, range }: BuildingPointsProps): ReactNode {
  const { id, zone, points } = building;
  const columns: readonly Column<Point>[] = [
    {
      title: "Point",
      value: (point) => pointName(point),
      show: (point) => <Link href={pointHref(id, point.id, range.query)}>{pointName(point)}</Link>,
    },
    { title: "Place", value: ({ place }) => place, show: ({ place }) => placeName(place, id) },
    { title: "Device", value: ({ device }) => device },
    {
      title: "Last value",
      numeric: true,
      value: ({ lastValue }) => lastValue,
      show: (point) => formatValue(point, point.lastValue),
    },
    {
      title: "Read at",
      value: ({ lastTime }) => lastTime,
      show: ({ lastTime }) => (lastTime === null ? "never" : formatTime(lastTime, zone)),
    },
    {
      title: "Readings",
      numeric: true,
      value: ({ received }) => received,
      show: ({ received }) => formatNumber(received),
    },
  ];
  const rows = points.toSorted((a, b) =>
    a.place === b.place ? order(a.id, b.id) : order(a.place, b.place),
  );
  return (
    <section className="part" aria-labelledby="points-title">
      <h2 id="points-title">Places and points</h2>
      {rows.length === 0 ? (
        <Empty>
          <p>No device is enrolled in this building yet.</p>
        </Empty>
      ) : (
        <section className="panel" aria-label="Points">
          <header className="panel__head">
            <h3>
              {formatNumber(rows.length)} points in{" "}
              {formatNumber(new Set(rows.map(({ place }) => place)).size)} places
            </h3>
            <CsvButton name={`${id}-points`} what="the points" columns={columns} rows={rows} />
          </header>
          <DataTable
            caption="Measuring points with their last values"
            captionHidden
            stacked
            columns={columns}
            rows={rows}
            rowKey={(point) => point.id}
          />
        </section>
      )}
    </section>
  );
}

/** A point's label, else its name. */
export function pointName({ label, name }: Point): string {
  return label ?? name;
}

/** `b1/floor-2/room-201` as `floor-2 › room-201`; the building itself by its own words. */
export function placeName(place: string, building: string): string {
  const rooms = place
    .split("/")
    .slice(place === building || place.startsWith(`${building}/`) ? 1 : 0);
  return rooms.length === 0 ? "whole building" : rooms.join(" › ");
}

/** A value with its unit as people read it. */
export function formatValue({ unit, brick }: Point, value: number | null): string {
  if (value === null) return "–";
  const { label, scale, digits } = displayUnit(unit, brick);
  return `${formatNumber(value * scale, digits)} ${label}`.trimEnd();
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
