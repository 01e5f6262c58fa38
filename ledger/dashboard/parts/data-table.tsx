// A USWDS table with a caption; the first column names the row. Wide ones scroll within themselves, by keyboard too.
import type { ReactNode } from "react";
import type { Column } from "./column.ts";

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  readonly captionHidden?: boolean;
  readonly stacked?: boolean; // cards instead of columns on narrow screens
}

/** Shows rows; a column without `show` prints its CSV value. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { caption, rows, rowKey, captionHidden = false, stacked = false } = props;
  const columns = props.columns.filter(({ fileOnly }) => fileOnly !== true);
  const cell = (column: Column<Row>, row: Row): ReactNode =>
    column.show ? column.show(row) : (column.value(row) ?? "–");
  return (
    <section
      className={`table-frame${stacked ? " table-frame--stacked" : ""}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      aria-label={`${caption}, table`}
    >
      <table className="usa-table usa-table--borderless">
        <caption className={captionHidden ? "usa-sr-only" : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, numeric }) => (
              <th key={title} scope="col" className={numeric ? "numeric" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, at) =>
                at === 0 ? (
                  <th key={column.title} scope="row" data-label={column.title}>
                    {cell(column, row)}
                  </th>
                ) : (
                  <td
                    key={column.title}
                    data-label={column.title}
                    className={column.numeric ? "numeric" : undefined}
                  >
                    <div>{cell(column, row)}</div>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
