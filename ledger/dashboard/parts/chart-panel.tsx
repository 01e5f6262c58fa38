// A chart with what must go with it: a heading, a legend, a table of the same numbers, and the same numbers as CSV.
import { type ReactNode, useState } from "react";
import type { Column } from "./column.ts";
import { CsvButton } from "./csv-button.tsx";
import { DataTable } from "./data-table.tsx";

interface ChartPanelProps<Row> {
  readonly title: string;
  readonly file: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly legend?: readonly { readonly tone: string; readonly text: string }[];
  readonly note?: ReactNode; // one line below the heading
  readonly children: ReactNode;
}

/** Frames a chart; the table is made when it is opened. */
export function ChartPanel<Row>(props: ChartPanelProps<Row>): ReactNode {
  const { title, file, columns, rows, rowKey, legend = [], note, children } = props;
  const [open, setOpen] = useState(false);
  return (
    <section className="panel" aria-label={title}>
      <header className="panel__head">
        <h3>{title}</h3>
        <ul className="legend" aria-label={`Legend of ${title}`} hidden={legend.length === 0}>
          {legend.map(({ tone, text }) => (
            <li key={text}>
              <span className={`legend__key legend__key--${tone}`} aria-hidden="true" />
              {text}
            </li>
          ))}
        </ul>
        <CsvButton name={file} what={title} columns={columns} rows={rows} />
        {note ? <p className="panel__note panel__note--wide">{note}</p> : null}
      </header>
      {children}
      <details className="twin" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          Show as table<span className="usa-sr-only">: {title}</span>
        </summary>
        {open ? (
          <DataTable caption={title} captionHidden columns={columns} rows={rows} rowKey={rowKey} />
        ) : null}
      </details>
    </section>
  );
}
