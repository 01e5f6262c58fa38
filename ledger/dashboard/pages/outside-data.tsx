// When the chosen range lies after the last reading, says so and offers the range where readings are.
import type { ReactNode } from "react";
import type { Building } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import { useLocation } from "../location/location.ts";
import { daysQuery, type Range } from "../time/range.ts";
import { dayAfter, formatTime, wallClock } from "../time/zone.ts";

interface OutsideDataProps {
  readonly building: Building;
  readonly range: Range;
}

/** Nothing, unless the building has readings and all are older than the range. */
export function OutsideData({ building, range }: OutsideDataProps): ReactNode {
  const { pathname } = useLocation();
  const { lastReadingAt, zone } = building;
  if (lastReadingAt === null || Date.parse(lastReadingAt) >= range.from) return null;
  const last = wallClock(Date.parse(lastReadingAt), zone).day;
  return (
    <div className="usa-alert usa-alert--info usa-alert--slim">
      <div className="usa-alert__body">
        <p className="usa-alert__text">
          The last reading is older than this range: {formatTime(lastReadingAt, zone, "full")}.{" "}
          <Link href={`${pathname}?${daysQuery(dayAfter(last, -6), last)}`}>
            Show the seven days up to it
          </Link>
        </p>
      </div>
    </div>
  );
}
