// A measure over time: chart, legend, table and CSV from one description of what each step says; shared by all series of the pages.
import { type ReactNode, useMemo } from "react";
import { formatTime } from "../time/zone.ts";
import { Chart } from "./chart.tsx";
import { ChartPanel } from "./chart-panel.tsx";
import type { Level, Line } from "./chart-plot.ts";
import type { Column } from "./column.ts";

/** One line of the chart; must be a constant, or memoized, as it is what the plot is drawn from. */
export interface StepLine<Row> extends Omit<Line, "values"> {
  readonly value: (row: Row) => number | null;
}

interface StepPanelProps<Row extends { readonly start: string }> {
  readonly title: string;
  readonly label?: string; // what the chart is called aloud, when the title does not say it all
  readonly file: string;
  readonly zone: string;
  readonly unit: string;
  readonly end: number; // ms, where the last step ends
  readonly rows: readonly Row[];
  readonly lines: readonly StepLine<Row>[];
  readonly columns: readonly Column<Row>[]; // besides the time
  readonly say: (row: Row) => string; // the values of a step in words
  readonly share: (row: Row) => { readonly received: number; readonly expected: number | null };
  readonly levels?: readonly Level[];
  readonly legend?: readonly string[]; // instead of one key a line: the labels to show
  readonly daily?: boolean; // steps are days
  readonly fitted?: boolean;
  readonly note?: ReactNode;
}

/** Draws one series. A step without readings is a gap; one with readings missing is marked at the foot. */
export function StepPanel<Row extends { readonly start: string }>(
  props: StepPanelProps<Row>,
): ReactNode {
  const { title, file, zone, unit, rows, lines, columns, say, share, daily = false } = props;
  const { label = title, levels, end, fitted = false, note, legend } = props;
  const when = (row: Row): string => formatTime(row.start, zone, daily ? "day" : "minute");
  const xs = useMemo(() => rows.map(({ start }) => Date.parse(start) / 1_000), [rows]);
  const drawn = useMemo<readonly Line[]>(
    () => lines.map(({ value, ...line }) => ({ ...line, values: rows.map(value) })),
    [rows, lines],
  );
  const partial = useMemo(
    () =>
      rows.map((row) => {
        const { received, expected } = share(row);
        return expected !== null && received < expected;
      }),
    [rows, share],
  );
  const timed: readonly Column<Row>[] = [
    { title: daily ? "Day" : "Start", value: ({ start }) => start, show: when },
    ...columns,
    { title: "Readings", numeric: true, value: (row) => share(row).received },
    { title: "Expected", numeric: true, value: (row) => share(row).expected },
  ];
  const readout = (index: number): string => {
    const row = rows[index];
    if (row === undefined) return "";
    const { received, expected } = share(row);
    if (received === 0 && lines.every(({ value }) => value(row) === null))
      return `${when(row)}: no readings`;
    const missing =
      expected !== null && received < expected ? `, ${received} of ${expected} readings` : "";
    return `${when(row)}: ${say(row)}${missing}`;
  };
  return (
    <ChartPanel
      title={title}
      file={file}
      note={note}
      columns={timed}
      rows={rows}
      rowKey={({ start }) => start}
      legend={[
        ...lines
          .filter((line) => legend === undefined || legend.includes(line.label))
          .map((line) => ({ tone: line.tone, text: line.label })),
        ...(partial.includes(true) ? [{ tone: "partial", text: "Readings missing" }] : []),
      ]}
    >
      <Chart
        label={label}
        unit={unit}
        axis={{ kind: "time", zone, end: end / 1_000, daily }}
        xs={xs}
        lines={drawn}
        readout={readout}
        place={(index) => (rows[index] === undefined ? "" : when(rows[index]))}
        partial={partial}
        {...(levels ? { levels } : {})}
        fitted={fitted}
      />
    </ChartPanel>
  );
}
