// A measure by weekday and hour as a real table whose cells are tinted by their number; on narrow screens it stands upright.
import type { ReactNode } from "react";
import { formatNumber } from "../measure/number.ts";
import { cellFinder, heatLevel, hours, weekdays } from "../measure/week-grid.ts";
import type { Column } from "./column.ts";
import { CsvButton } from "./csv-button.tsx";
import { useNarrow } from "./use-narrow.ts";

export interface HeatCell {
  readonly weekday: number; // 0 = Sunday
  readonly hour: number;
  readonly value: number | null;
  readonly says: string; // more of the cell, as its tooltip
}

interface WeekMapProps {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly cells: readonly HeatCell[];
  readonly file: string;
}

const clock = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

/** 168 cells; an hour nobody was heard in is a dot, not a zero. */
export function WeekMap({ title, unit, digits, cells, file }: WeekMapProps): ReactNode {
  const narrow = useNarrow();
  const find = cellFinder(cells);
  const greatest = Math.max(0, ...cells.map(({ value }) => value ?? 0));
  const columns: readonly Column<(typeof weekdays)[number]>[] = [
    { title: "weekday", value: ({ name }) => name },
    ...hours.map((hour) => ({
      title: clock(hour),
      value: ({ weekday }: { weekday: number }) => find(weekday, hour)?.value ?? null,
    })),
  ];
  const cellOf = (weekday: number, hour: number): ReactNode => (
    <Cell key={`${weekday} ${hour}`} cell={find(weekday, hour)} {...{ greatest, digits }} />
  );
  const dayHead = (scope: "col" | "row", { name, weekday }: (typeof weekdays)[number]) => (
    <th key={weekday} scope={scope}>
      <abbr title={name}>{name.slice(0, 3)}</abbr>
    </th>
  );
  const hourHead = (scope: "col" | "row", hour: number) => (
    <th key={hour} scope={scope}>
      {clock(hour).slice(0, 2)}
    </th>
  );
  return (
    <section className="panel" aria-label={title}>
      <header className="panel__head">
        <h3>{title}</h3>
        <p className="panel__note">Mean {unit} over the range, on the building’s clock</p>
        <CsvButton name={file} what={title} columns={columns} rows={weekdays} />
      </header>
      <section
        className="table-frame table-frame--whole"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        aria-label={`${title}, table`}
      >
        <table className={`week-map${narrow ? " week-map--upright" : ""}`}>
          <caption className="usa-sr-only">
            {title}: mean {unit}
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="usa-sr-only">{narrow ? "Hour" : "Weekday"}</span>
              </th>
              {narrow
                ? weekdays.map((day) => dayHead("col", day))
                : hours.map((hour) => hourHead("col", hour))}
            </tr>
          </thead>
          <tbody>
            {narrow
              ? hours.map((hour) => (
                  <tr key={hour}>
                    {hourHead("row", hour)}
                    {weekdays.map(({ weekday }) => cellOf(weekday, hour))}
                  </tr>
                ))
              : weekdays.map((day) => (
                  <tr key={day.weekday}>
                    {dayHead("row", day)}
                    {hours.map((hour) => cellOf(day.weekday, hour))}
                  </tr>
                ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

interface CellProps {
  readonly cell: HeatCell | null;
  readonly greatest: number;
  readonly digits: number;
}

function Cell({ cell, greatest, digits }: CellProps): ReactNode {
  if (cell === null || cell.value === null)
    return (
      <td className="heat heat--none">
        <span aria-hidden="true">·</span>
        <span className="usa-sr-only">no data</span>
      </td>
    );
  return (
    <td className={`heat heat--${heatLevel(cell.value, greatest)}`} title={cell.says}>
      {formatNumber(cell.value, digits)}
    </td>
  );
}
