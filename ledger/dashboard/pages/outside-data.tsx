// When the chosen range lies after the last reading, says so and offers the range where readings are.
import type { ReactNode } from "react";
import type { Building } from "../data/shapes.ts";
import { Link } from "../location/link.tsx";
import type { Range } from "../time/range.ts";
import { dayAfter, formatTime, wallClock } from "../time/zone.ts";

interface OutsideDataProps {
  readonly building: Building;
  readonly range: Range;
  readonly href: (query: string) => string;
}

/** Nothing, unless the building has readings and all are older than the range. */
export function OutsideData({ building, range, href }: OutsideDataProps): ReactNode {
  const { lastReadingAt, zone } = building;
  if (lastReadingAt === null || Date.parse(lastReadingAt) >= range.from) return null;
  const last = wallClock(Date.parse(lastReadingAt), zone).day;
  const days = new URLSearchParams({ from: dayAfter(last, -6), to: last });
  return (
    <div className="usa-alert usa-alert--info usa-alert--slim">
      <div className="usa-alert__body">
        <p className="usa-alert__text">
          The last reading is older than this range: {formatTime(lastReadingAt, zone, "full")}.{" "}
          <Link href={href(days.toString())}>Show the seven days up to it</Link>
        </p>
      </div>
    </div>
  );
}
