// A table of rooms: how each stands at this moment, and how it was used over the range.
import type { ReactNode } from "react";
import { useLive } from "../data/live.ts";
import type { Room, Rooms } from "../data/occupancy-shapes.ts";
import type { BuildingDetail, Place, Point } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import { placeHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { isWithin, placeLabel } from "../measure/place.ts";
import { freshValue, isCo2, type RoomNow, roomNow } from "../measure/room-now.ts";
import { displayUnit } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { Completeness } from "../parts/completeness.tsx";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { ShareBar } from "../parts/share-bar.tsx";
import { Empty } from "../parts/states.tsx";

interface RoomTableProps {
  readonly building: BuildingDetail;
  readonly rooms: Rooms;
  readonly file: string;
  readonly within?: string; // only rooms below this place
  readonly show?: RoomNow["state"] | undefined; // only rooms that stand so now
}

interface RoomRow extends Room {
  readonly now: RoomNow;
  readonly co2Now: number | null;
}

const nowWords = {
  uncounted: "not counted",
  unknown: "not heard",
  free: "free",
  used: "in use",
  overfull: "overfull",
} as const;

/** Rooms in the order of their places; those where nobody is counted come last. */
export function RoomTable({ building, rooms, file, within, show }: RoomTableProps): ReactNode {
  const { asOf } = useLive();
  const now = Date.parse(asOf ?? building.lastReadingAt ?? "") || Date.now();
  const rows = rooms.rooms
    .filter(({ place }) => within === undefined || isWithin(place, within))
    .map((room): RoomRow => {
      const points = building.points.filter(({ place }) => place === room.place);
      return {
        ...room,
        now: roomNow(points, room.seats, now),
        co2Now: co2Now(points, now),
      };
    })
    .filter((row) => show === undefined || row.now.state === show)
    .toSorted((a, b) => Number(a.now.state === "uncounted") - Number(b.now.state === "uncounted"));
  const columns: readonly Column<RoomRow>[] = [
    {
      title: "Room",
      value: placeLabel,
      show: (room) => (
        <>
          <Link href={placeHref(room.place)}>{placeLabel(room)}</Link>
          <span className="under">{whereWords(room, building.places)}</span>
        </>
      ),
    },
    { title: "Floor", value: ({ floor }) => floor, fileOnly: true },
    { title: "Use", value: ({ use }) => use, fileOnly: true },
    {
      title: "Now",
      value: ({ now: { state, persons } }) =>
        persons === null ? nowWords[state] : `${nowWords[state]}, ${persons}`,
      show: (room) => <Now room={room} />,
    },
    {
      title: "CO₂ now, ppm",
      numeric: true,
      value: (room) => room.co2Now,
      show: (room) => formatNumber(room.co2Now),
    },
    {
      title: "Share of open hours in use",
      numeric: true,
      value: ({ occupiedShare }) => occupiedShare,
      show: ({ occupiedShare }) =>
        rooms.hoursKnown ? <ShareBar share={occupiedShare} /> : "hours not registered",
    },
    {
      title: "Hours in use",
      numeric: true,
      value: ({ occupiedHours }) => occupiedHours,
      show: ({ occupiedHours }) => formatNumber(occupiedHours, 1),
    },
    {
      title: "Peak persons",
      numeric: true,
      value: ({ peakPersons }) => peakPersons,
      show: ({ peakPersons, seats }) =>
        seats === null
          ? formatNumber(peakPersons)
          : `${formatNumber(peakPersons)} of ${formatNumber(seats)} seats`,
    },
    { title: "Seats", value: ({ seats }) => seats, fileOnly: true },
    {
      title: "Seats in use",
      numeric: true,
      value: ({ seatShare }) => seatShare,
      show: ({ seatShare }) => <ShareBar share={seatShare} />,
    },
    {
      title: "Greatest CO₂, ppm",
      numeric: true,
      value: ({ maxCo2 }) => maxCo2,
      show: ({ maxCo2 }) => formatNumber(maxCo2),
    },
    {
      title: "Completeness",
      numeric: true,
      value: ({ received, expected }) => (expected > 0 ? received / expected : null),
      show: (room) => <Completeness share={room} />,
    },
  ];
  if (rows.length === 0)
    return (
      <Empty>
        <p>No room is like that at this moment.</p>
      </Empty>
    );
  return (
    <section className="panel" aria-label="Rooms now and over the range">
      <header className="panel__head">
        <h3>{counted(rows)}</h3>
        <CsvButton name={file} what="the rooms" columns={columns} rows={rows} />
      </header>
      <DataTable
        caption="Rooms now and over the range"
        captionHidden
        stacked
        columns={columns}
        rows={rows}
        rowKey={({ place }) => place}
      />
    </section>
  );
}

/** `Floor 2, meeting`. */
function whereWords({ floor, use }: Room, places: readonly Place[]): string {
  const place = places.find((one) => one.place === floor);
  const words = [floor === null ? null : placeLabel(place ?? { place: floor }), use];
  return words.filter((word) => word !== null).join(", ");
}

function co2Now(points: readonly Point[], now: number): number | null {
  const values = points.filter(isCo2).map((point) => {
    const value = freshValue(point, now);
    return value === null ? null : value * displayUnit(point.unit, point.brick).scale;
  });
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** `12 rooms: 3 in use, 9 free`. */
function counted(rows: readonly RoomRow[]): string {
  const states = (["overfull", "used", "free", "unknown", "uncounted"] as const)
    .map((state) => ({ state, count: rows.filter(({ now }) => now.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${formatNumber(count)} ${nowWords[state]}`);
  return `${formatNumber(rows.length)} ${rows.length === 1 ? "room" : "rooms"}: ${states.join(", ")}`;
}

function Now({ room: { now, seats } }: { readonly room: RoomRow }): ReactNode {
  const { state, persons } = now;
  return (
    <span className={`now now--${state}`}>
      {nowWords[state]}
      {persons === null || persons === 0 ? null : (
        <span className="now__count">
          {" "}
          {formatNumber(persons)}
          {seats === null ? "" : ` of ${formatNumber(seats)}`}
        </span>
      )}
    </span>
  );
}
