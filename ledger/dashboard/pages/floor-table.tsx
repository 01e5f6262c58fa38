// The floors of a building, each with its rooms and points: the way down.
import type { ReactNode } from "react";
import type { Room } from "../data/occupancy-shapes.ts";
import type { BuildingDetail } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import { placeHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { isWithin, placeLabel, placesDownTo } from "../measure/place.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/states.tsx";

interface FloorRow {
  readonly place: string;
  readonly label: string;
  readonly rooms: readonly Room[];
  readonly points: number;
}

const columns: readonly Column<FloorRow>[] = [
  {
    title: "Floor",
    value: ({ label }) => label,
    show: ({ place, label }) => <Link href={placeHref(place)}>{label}</Link>,
  },
  {
    title: "Rooms",
    numeric: true,
    value: ({ rooms }) => rooms.length,
  },
  {
    title: "Seats",
    numeric: true,
    value: ({ rooms }) => sum(rooms, ({ seats }) => seats),
    show: ({ rooms }) => formatNumber(sum(rooms, ({ seats }) => seats)),
  },
  {
    title: "Mean persons",
    numeric: true,
    value: ({ rooms }) => sum(rooms, ({ meanPersons }) => meanPersons),
    show: ({ rooms }) =>
      formatNumber(
        sum(rooms, ({ meanPersons }) => meanPersons),
        1,
      ),
  },
  {
    title: "Greatest CO₂, ppm",
    numeric: true,
    value: ({ rooms }) => greatest(rooms, ({ maxCo2 }) => maxCo2),
    show: ({ rooms }) => formatNumber(greatest(rooms, ({ maxCo2 }) => maxCo2)),
  },
  { title: "Points", numeric: true, value: ({ points }) => points },
];

interface FloorTableProps {
  readonly building: BuildingDetail;
  readonly rooms: readonly Room[];
}

/** The places right below the building. */
export function FloorTable({ building, rooms }: FloorTableProps): ReactNode {
  const { id, places, points } = building;
  const floors = [...places, ...points].flatMap(({ place }) => placesDownTo(place).slice(0, 1));
  const rows = [...new Set(floors)].toSorted().map(
    (place): FloorRow => ({
      place,
      label: placeLabel(places.find((one) => one.place === place) ?? { place }),
      rooms: rooms.filter((room) => isWithin(room.place, place)),
      points: points.filter((point) => isWithin(point.place, place)).length,
    }),
  );
  if (rows.length === 0)
    return (
      <Empty>
        <p>No floor is registered, and no device names one as its place.</p>
      </Empty>
    );
  return (
    <section className="panel" aria-label="Floors with their rooms">
      <header className="panel__head">
        <h3>{formatNumber(rows.length)} places below the building</h3>
        <CsvButton name={`${id}-floors`} what="the floors" columns={columns} rows={rows} />
      </header>
      <DataTable
        caption="Floors with their rooms and points"
        captionHidden
        stacked
        columns={columns}
        rows={rows}
        rowKey={({ place }) => place}
      />
    </section>
  );
}

function known(rooms: readonly Room[], pick: (room: Room) => number | null): readonly number[] {
  return rooms.map(pick).filter((value) => value !== null);
}

/** Null when no room has a value. */
function sum(rooms: readonly Room[], pick: (room: Room) => number | null): number | null {
  const values = known(rooms, pick);
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}

function greatest(rooms: readonly Room[], pick: (room: Room) => number | null): number | null {
  const values = known(rooms, pick);
  return values.length === 0 ? null : Math.max(...values);
}
