// The readings behind a chart, as the ledger holds them, page by page; each leads to its evidence.
import { type ReactNode, useState } from "react";
import type { Page as Items, Point, Reading } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { Link } from "../location/link.tsx";
import { evidenceHref } from "../location/route.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { apiQuery, type Range } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";
import { formatValue } from "./building-points.tsx";

const pageRows = 25;

interface PointReadingsProps {
  readonly point: Point;
  readonly range: Range;
  readonly zone: string;
}

/** The section "Readings". The pages before this one are kept as the cursors that led here. */
export function PointReadings({ point, range, zone }: PointReadingsProps): ReactNode {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const query = `${apiQuery(range)}&limit=${pageRows}${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
  const readings = useResource<Items<Reading>>(
    `/api/v1/points/${encodeURIComponent(point.id)}/series?${query}`,
    { still: cursors.length > 0 },
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
      show: ({ flags }) => flags.join(", ") || "none",
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
      <Shown of={readings} what="the readings">
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty>
              <p>No reading in this range.</p>
            </Empty>
          ) : (
            <section className="panel" aria-label="Readings as received">
              <header className="panel__head">
                <h3>As the device signed them</h3>
                <CsvButton
                  name={`${point.id}-readings`}
                  what="these readings"
                  columns={columns}
                  rows={items}
                />
              </header>
              <DataTable
                caption="Readings of the point"
                captionHidden
                stacked
                columns={columns}
                rows={items}
                rowKey={({ gateway, index, time }) => `${gateway} ${index} ${time}`}
              />
              <nav className="pager" aria-label="Pages of readings">
                <button
                  type="button"
                  className="usa-button usa-button--outline tool"
                  disabled={cursors.length === 0}
                  onClick={() => setCursors(cursors.slice(0, -1))}
                >
                  Previous
                </button>
                <span role="status">Page {cursors.length + 1}</span>
                <button
                  type="button"
                  className="usa-button usa-button--outline tool"
                  disabled={next === null}
                  onClick={() => (next === null ? undefined : setCursors([...cursors, next]))}
                >
                  Next
                </button>
              </nav>
            </section>
          )
        }
      </Shown>
    </section>
  );
}
