// One description of a column serves the table on the page and the CSV file.
import type { ReactNode } from "react";

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null; // as the CSV carries it
  readonly show?: (row: Row) => ReactNode; // as the page shows it
  readonly numeric?: boolean;
  readonly fileOnly?: boolean; // in the file, and on the page as part of another column
}
