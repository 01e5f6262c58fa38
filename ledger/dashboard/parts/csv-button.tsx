// The button that saves a table's rows as CSV.
import type { ReactNode } from "react";
import type { Column } from "./column.ts";
import { toCsv } from "./csv.ts";
import { download } from "./download.ts";

interface CsvButtonProps<Row> {
  readonly name: string; // file name without its ending
  readonly what: string; // completes "Download CSV of …" for screen readers
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** Saves exactly the rows shown, with times in UTC. */
export function CsvButton<Row>({ name, what, columns, rows }: CsvButtonProps<Row>): ReactNode {
  return (
    <button
      type="button"
      className="usa-button usa-button--outline tool"
      onClick={() => download(`${name}.csv`, "text/csv;charset=utf-8", toCsv(columns, rows))}
    >
      Download CSV<span className="usa-sr-only"> of {what}</span>
    </button>
  );
}
