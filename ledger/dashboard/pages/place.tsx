// A floor, room or zone: who is in it, when it is used, its air, its points.
import type { ReactNode } from "react";
import type { Occupancy, Rooms } from "../data/occupancy-shapes.ts";
import type { BuildingDetail } from "../data/shapes.ts";
import { useBuilding, useFigure } from "../data/use-building.ts";
import { buildingHref, placeHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { isWithin, placeLabel, placesDownTo } from "../measure/place.ts";
import { isCo2 } from "../measure/room-now.ts";
import { Facts } from "../parts/facts.tsx";
import { Methods } from "../parts/methods.tsx";
import { Page } from "../parts/page.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { Empty, Failed, Loading, Shown } from "../parts/states.tsx";
import { type Range, stepFor } from "../time/range.ts";
import { useRange } from "../time/use-range.ts";
import { OccupancyFigures } from "./building-occupancy.tsx";
import { OccupancyCourse } from "./occupancy-course.tsx";
import { OccupancyWeekMap } from "./occupancy-week-map.tsx";
import { OutsideData } from "./outside-data.tsx";
import { PointCourse } from "./point-course.tsx";
import { PointTable } from "./point-table.tsx";
import { RoomTable } from "./room-table.tsx";

interface PlacePageProps {
  readonly building: string;
  readonly place: string;
}

/** Mount it with the place as key. */
export function PlacePage({ building: id, place }: PlacePageProps): ReactNode {
  const { value, problem, retry } = useBuilding(id);
  const label = labelOf(value, place);
  const trail = [
    { name: "Buildings", href: "/" },
    { name: value?.name ?? id, href: buildingHref(id) },
    ...placesDownTo(place)
      .slice(0, -1)
      .map((outer) => ({ name: labelOf(value, outer), href: placeHref(outer) })),
  ];
  return (
    <Page
      title={label}
      trail={trail}
      lead={<Facts facts={value === null ? null : factsOf({ building: value, place })} count={3} />}
    >
      {problem ? <Failed what="the place" problem={problem} retry={retry} /> : null}
      {value !== null ? (
        <Ranged building={value} place={place} />
      ) : problem ? null : (
        <Loading what="the place" size="panel" />
      )}
    </Page>
  );
}

function labelOf(building: BuildingDetail | null, place: string): string {
  return placeLabel(building?.places.find((one) => one.place === place) ?? { place });
}

interface PlaceProps {
  readonly building: BuildingDetail;
  readonly place: string;
}

function factsOf({ building, place }: PlaceProps): readonly string[] {
  const known = building.places.find((one) => one.place === place);
  const seats = known?.seats == null ? "" : `, ${formatNumber(known.seats)} seats`;
  return [
    `${known?.use ?? known?.kind ?? "not registered"}${seats}`,
    known?.usableFt2 == null ? "no area registered" : `${formatNumber(known.usableFt2)} usable ft²`,
    place,
  ];
}

function Ranged({ building, place }: PlaceProps): ReactNode {
  const range = useRange(building.zone);
  const points = building.points.filter((point) => isWithin(point.place, place));
  const rooms = building.places.some((one) => one.place.startsWith(`${place}/`));
  if (points.length === 0)
    return (
      <Empty>
        <p>No device names this place or one within it as its own.</p>
      </Empty>
    );
  return (
    <>
      <RangePicker range={range} zone={building.zone} />
      <OutsideData building={building} range={range} />
      {rooms ? <RoomsWithin building={building} place={place} range={range} /> : null}
      <PlaceOccupancy building={building} place={place} range={range} />
      {rooms ? null : <Air building={building} place={place} range={range} />}
      <section className="part" aria-labelledby="points-title">
        <h2 id="points-title">Points</h2>
        <PointTable
          building={building}
          points={points}
          file={`${place.replaceAll("/", "-")}-points`}
          title={`${formatNumber(points.length)} ${points.length === 1 ? "point" : "points"}`}
        />
      </section>
    </>
  );
}

type RangedProps = PlaceProps & { readonly range: Range };

function RoomsWithin({ building, place, range }: RangedProps): ReactNode {
  const rooms = useFigure<Rooms>(building.id, "rooms", range);
  return (
    <section className="part" aria-labelledby="rooms-title">
      <h2 id="rooms-title">Rooms</h2>
      <Shown of={rooms} what="the rooms" size="panel">
        {(value) => (
          <RoomTable
            building={building}
            rooms={value}
            within={place}
            file={`${place.replaceAll("/", "-")}-rooms`}
          />
        )}
      </Shown>
    </section>
  );
}

const hourSeconds = 3_600;

function PlaceOccupancy({ building, place, range }: RangedProps): ReactNode {
  const step = stepFor(range, hourSeconds);
  const occupancy = useFigure<Occupancy>(building.id, "occupancy", range, { step, place });
  return (
    <section className="part" aria-labelledby="occupancy-title">
      <h2 id="occupancy-title">Occupancy</h2>
      <Shown of={occupancy} what="the occupancy" size="panel">
        {(value) =>
          value.total.expected === 0 && value.total.received === 0 ? (
            <Empty>
              <p>Nobody is counted here in this range.</p>
            </Empty>
          ) : (
            <>
              <OccupancyFigures occupancy={value} />
              <OccupancyCourse
                occupancy={value}
                step={step}
                file={`${place.replaceAll("/", "-")}-occupancy`}
              />
              <OccupancyWeekMap building={building.id} place={place} range={range} />
              <Methods
                what="the occupancy figures"
                of={["occupancy", "week", "completeness"]}
                said={value.method}
              />
            </>
          )
        }
      </Shown>
    </section>
  );
}

/** Carbon dioxide and temperature of a room, each as its point's own course. */
function Air({ building, place, range }: RangedProps): ReactNode {
  const air = building.points.filter(
    (point) => point.place === place && (isCo2(point) || point.unit === "Cel"),
  );
  if (air.length === 0) return null;
  return (
    <section className="part" aria-labelledby="air-title">
      <h2 id="air-title">Air</h2>
      <div className="pair">
        {air.map((point) => (
          <PointCourse key={point.id} point={point} range={range} zone={building.zone} />
        ))}
      </div>
    </section>
  );
}
