// A panel with a long list, page by page, and the page on view as CSV.
import type { ReactNode } from "react";
import type { Pages } from "../data/use-pages.ts";
import type { Column } from "./column.ts";
import { CsvButton } from "./csv-button.tsx";
import { DataTable } from "./data-table.tsx";
import { Empty, Shown } from "./states.tsx";

interface PagedTableProps<Row> {
  readonly title: string;
  readonly level?: 2 | 3;
  readonly file: string;
  readonly of: Pages<Row>;
  readonly none: string;
  readonly note?: string;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string | number;
}

/** The pager is there only when there is more than one page. */
export function PagedTable<Row>(props: PagedTableProps<Row>): ReactNode {
  const { title, level = 2, file, of, none, note, columns, rowKey } = props;
  const { page, number, previous, next } = of;
  const Heading = level === 2 ? "h2" : "h3";
  const rows = page.value?.items ?? [];
  return (
    <section className="panel" aria-label={title}>
      <header className="panel__head">
        <Heading>{title}</Heading>
        {note ? <p className="panel__note">{note}</p> : null}
        {rows.length > 0 ? (
          <CsvButton name={file} what={title} columns={columns} rows={rows} />
        ) : null}
      </header>
      <Shown of={page} what={title.toLowerCase()}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              <p>{none}</p>
            </Empty>
          ) : (
            <DataTable
              caption={title}
              captionHidden
              stacked
              columns={columns}
              rows={items}
              rowKey={rowKey}
            />
          )
        }
      </Shown>
      {previous !== null || next !== null ? (
        <nav className="pager" aria-label={`Pages of ${title.toLowerCase()}`}>
          <PagerButton name="Previous" go={previous} />
          <span role="status">Page {number}</span>
          <PagerButton name="Next" go={next} />
        </nav>
      ) : null}
    </section>
  );
}

function PagerButton({
  name,
  go,
}: {
  readonly name: string;
  readonly go: (() => void) | null;
}): ReactNode {
  return (
    <button
      type="button"
      className="usa-button usa-button--outline tool"
      disabled={go === null}
      onClick={() => go?.()}
    >
      {name}
    </button>
  );
}
