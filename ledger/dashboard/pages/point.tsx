// One measuring point: its course over the range, then the readings themselves, each a click from its evidence.
import type { ReactNode } from "react";
import type { BuildingDetail, Point } from "../data/shapes.ts";
import { useBuilding } from "../data/use-building.ts";
import { Link } from "../location/link.tsx";
import { buildingHref, deviceHref, placeHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { placeLabel, placesDownTo, pointLabel } from "../measure/place.ts";
import { Page } from "../parts/page.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { useRange } from "../time/use-range.ts";
import { OutsideData } from "./outside-data.tsx";
import { PointCourse } from "./point-course.tsx";
import { PointReadings } from "./point-readings.tsx";

interface PointPageProps {
  readonly building: string;
  readonly id: string;
}

/** Mount it with the point's id as key. */
export function PointPage({ building: buildingId, id }: PointPageProps): ReactNode {
  const building = useBuilding(buildingId);
  const point = building.value?.points.find((one) => one.id === id);
  const outer = point === undefined ? [] : placesDownTo(point.place);
  const trail = [
    { name: "Buildings", href: "/" },
    { name: building.value?.name ?? buildingId, href: buildingHref(buildingId) },
    ...outer.map((place) => ({
      name: placeLabel(building.value?.places.find((one) => one.place === place) ?? { place }),
      href: placeHref(place),
    })),
  ];
  if (building.value === null || point === undefined)
    return (
      <Page title={id} trail={trail}>
        {building.problem ? (
          <Failed what="the point" problem={building.problem} retry={building.retry} />
        ) : building.value === null ? (
          <Loading what="the point" size="panel" />
        ) : (
          <Empty>
            <p>This building has no point {id}.</p>
          </Empty>
        )}
      </Page>
    );
  return (
    <Page title={pointLabel(point)} trail={trail} lead={<Facts point={point} />}>
      <Ranged building={building.value} point={point} />
    </Page>
  );
}

function Facts({ point }: { readonly point: Point }): ReactNode {
  return (
    <ul className="facts">
      <li>
        device <Link href={deviceHref(point.device)}>{point.device}</Link>
      </li>
      <li>
        {point.interval === null
          ? point.kind
          : `${point.kind}, every ${formatNumber(point.interval)} s`}
      </li>
      <li>sent in {point.unit}</li>
      {point.brick === null ? null : <li>Brick {point.brick}</li>}
    </ul>
  );
}

interface RangedProps {
  readonly building: BuildingDetail;
  readonly point: Point;
}

function Ranged({ building, point }: RangedProps): ReactNode {
  const range = useRange(building.zone);
  const { zone } = building;
  return (
    <>
      <RangePicker range={range} zone={zone} />
      <OutsideData building={building} range={range} />
      <section className="part" aria-labelledby="course-title">
        <h2 id="course-title">Course</h2>
        <PointCourse point={point} range={range} zone={zone} />
      </section>
      <PointReadings key={`${range.from} ${range.to}`} point={point} range={range} zone={zone} />
    </>
  );
}
