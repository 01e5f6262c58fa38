// A table of measuring points with the last value of each.
import type { ReactNode } from "react";
import type { BuildingDetail, Point } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import { deviceHref, placeHref, pointHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { placePath, pointLabel } from "../measure/place.ts";
import { formatValue } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { formatTime } from "../time/zone.ts";

interface PointTableProps {
  readonly building: Pick<BuildingDetail, "id" | "zone">;
  readonly points: readonly Point[];
  readonly file: string;
  readonly title: string;
}

/** Points in the order of their places. */
export function PointTable({ building, points, file, title }: PointTableProps): ReactNode {
  const { id, zone } = building;
  const columns: readonly Column<Point>[] = [
    {
      title: "Point",
      value: pointLabel,
      show: (point) => <Link href={pointHref(id, point.id)}>{pointLabel(point)}</Link>,
    },
    {
      title: "Place",
      value: ({ place }) => place,
      show: ({ place }) => <Link href={placeHref(place)}>{placePath(place, id)}</Link>,
    },
    {
      title: "Device",
      value: ({ device }) => device,
      show: ({ device }) => <Link href={deviceHref(device)}>{device}</Link>,
    },
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
    <section className="panel" aria-label={title}>
      <header className="panel__head">
        <h3>{title}</h3>
        <CsvButton name={file} what="the points" columns={columns} rows={rows} />
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
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
