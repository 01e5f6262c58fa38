// A table on its way into a file, whatever the format: typed columns, rows in batches, and the facts that hold for all of it.

/** What a column holds: an instant and the civil time of an instant are both ms since 1970; `whole` is an exact integer. */
type ColumnType = "instant" | "civil" | "text" | "number" | "whole" | "truth";

export type Cell = string | number | boolean | null;
type Row = readonly Cell[];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Table {
  readonly columns: readonly Column[];
  /** The building's offset from UTC at an instant, both in ms: what a civil column is shown by. */
  readonly offsetAt: (at: number) => number;
  /** What a reader of the file must know of all rows: building, zone, period, state of the ledger. */
  readonly facts: Readonly<Record<string, string>>;
  /** The rows, in order, in batches that are small enough to be held in memory. */
  rows(): AsyncIterable<readonly Row[]>;
}
