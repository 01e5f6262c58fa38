// The readings behind a chart, as the ledger holds them, page by page; each leads to its evidence.
import type { ReactNode } from "react";
import { apiPath } from "../data/api-path.ts";
import type { Point, Reading } from "../data/shapes.ts";
import { usePages } from "../data/use-pages.ts";
import { Link } from "../location/link.tsx";
import { evidenceHref } from "../location/route.ts";
import { formatValue } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { PagedTable } from "../parts/paged-table.tsx";
import { apiRange, type Range } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";

const pageRows = 25;

const flagWords: Readonly<Record<string, string>> = {
  late: "arrived late",
  superseded: "a later entry gives this time another value",
  clockless: "the device has no clock: time is when the ledger anchored it",
};

interface PointReadingsProps {
  readonly point: Point;
  readonly range: Range;
  readonly zone: string;
}

/** The section "Readings". */
export function PointReadings({ point, range, zone }: PointReadingsProps): ReactNode {
  const readings = usePages<Reading>(
    apiPath(["points", point.id, "series"], { ...apiRange(range), limit: String(pageRows) }),
  );
  const columns: readonly Column<Reading>[] = [
    {
      title: "Time",
      value: ({ time }) => time,
      show: ({ time }) => formatTime(time, zone, "second"),
    },
    {
      title: "Value",
      numeric: true,
      value: ({ value }) => value,
      show: ({ value }) => formatValue(point, value),
    },
    { title: "Number in sequence", numeric: true, value: ({ sequence }) => sequence },
    {
      title: "Flags",
      value: ({ flags }) => flags.join(" "),
      show: ({ flags }) => flags.map((flag) => flagWords[flag] ?? flag).join("; ") || "none",
    },
    {
      title: "Evidence",
      value: ({ gateway, index }) => `/evidence/${gateway}/${index}`,
      show: ({ gateway, index }) => (
        <Link href={evidenceHref(gateway, index)}>
          Verify
          <span className="usa-sr-only">
            {" "}
            entry {index} of {gateway}
          </span>
        </Link>
      ),
    },
  ];
  return (
    <section className="part" aria-labelledby="readings-title">
      <h2 id="readings-title">Readings</h2>
      <PagedTable
        title="As the device signed them"
        level={3}
        file={`${point.id}-readings`}
        of={readings}
        none="No reading in this range."
        columns={columns}
        rowKey={({ gateway, index, time }) => `${gateway} ${index} ${time}`}
      />
    </section>
  );
}
