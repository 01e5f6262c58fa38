// Occupancy by weekday and hour as a real table whose cells are tinted by their number.
import type { ReactNode } from "react";
import { formatNumber } from "../measure/number.ts";
import { heatLevel, type WeekCell } from "../measure/week-grid.ts";
import type { Column } from "./column.ts";
import { CsvButton } from "./csv-button.tsx";

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const hours = Array.from({ length: 24 }, (_, hour) => hour);

interface WeekRow {
  readonly day: string;
  readonly cells: readonly WeekCell[];
}

const columns: readonly Column<WeekRow>[] = [
  { title: "weekday", value: ({ day }) => day },
  ...hours.map((hour) => ({
    title: `${String(hour).padStart(2, "0")}:00`,
    value: ({ cells }: WeekRow) => cells[hour]?.mean ?? null,
  })),
];

/** `grid` has seven rows, Monday first, of 24 hours. */
export function WeekMap({
  grid,
  file,
}: {
  readonly grid: readonly WeekCell[][];
  readonly file: string;
}): ReactNode {
  const greatest = Math.max(0, ...grid.flat().map(({ mean }) => mean ?? 0));
  const rows = grid.map((cells, at) => ({ day: days[at]!, cells }));
  const title = "Persons by weekday and hour";
  return (
    <section className="panel" aria-label={title}>
      <header className="panel__head">
        <h3>{title}</h3>
        <p className="panel__note">Mean over the chosen range, on the building’s clock.</p>
        <CsvButton name={file} what={title} columns={columns} rows={rows} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="table-frame" tabIndex={0} aria-label={`${title}, table`}>
        <table className="week-map">
          <caption className="usa-sr-only">{title}: mean number of persons</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="usa-sr-only">Weekday</span>
              </th>
              {hours.map((hour) => (
                <th key={hour} scope="col">
                  {String(hour).padStart(2, "0")}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ day, cells }) => (
              <tr key={day}>
                <th scope="row">
                  <abbr title={day}>{day.slice(0, 3)}</abbr>
                </th>
                {cells.map((cell, hour) => (
                  <Cell key={hours[hour]} cell={cell} greatest={greatest} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Cell({
  cell,
  greatest,
}: {
  readonly cell: WeekCell;
  readonly greatest: number;
}): ReactNode {
  if (cell.mean === null)
    return (
      <td className="heat heat--none">
        <span aria-hidden="true">·</span>
        <span className="usa-sr-only">no data</span>
      </td>
    );
  return (
    <td
      className={`heat heat--${heatLevel(cell.mean, greatest)}`}
      title={`peak ${formatNumber(cell.peak)} over ${cell.hours} h`}
    >
      {formatNumber(cell.mean)}
    </td>
  );
}
