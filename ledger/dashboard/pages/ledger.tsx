// The ledger itself: its head and checkpoint, gateways and their lag, entries that do not count, recent transactions.
import type { ReactNode } from "react";
import type {
  Gateway,
  Page as Items,
  LedgerFacts,
  StandingEntry,
  TransactionRow,
} from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { Link } from "../location/link.tsx";
import { buildingHref, evidenceHref } from "../location/route.ts";
import { formatAge, formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { formatTime } from "../time/zone.ts";
import { PolicyPanel } from "../trust/policy-panel.tsx";
import { quorumWords } from "../trust/quorum.ts";
import { kindWords, standingWords } from "./standing.ts";

const utc = (time: string): string => `${formatTime(time, "UTC", "second")} UTC`;
const showUtc = (time: string): ReactNode => <span className="nowrap">{utc(time)}</span>;

/** Times are UTC here: the ledger belongs to no building. */
export function LedgerPage(): ReactNode {
  const ledger = useResource<LedgerFacts>("/api/v1/ledger");
  const gateways = useResource<Items<Gateway>>("/api/v1/gateways");
  const quarantine = useResource<Items<StandingEntry>>("/api/v1/quarantine?limit=50");
  const transactions = useResource<Items<TransactionRow>>("/api/v1/transactions?limit=25");
  return (
    <Page title="Ledger" lead={<p>What everything else on these pages rests on. Times are UTC.</p>}>
      <Shown of={ledger} what="the ledger" tall>
        {(facts) => <Head facts={facts} />}
      </Shown>
      <Listing
        title="Gateways"
        of={gateways}
        none="No gateway is enrolled yet."
        columns={gatewayColumns}
        rowKey={({ id }) => id}
      />
      <Listing
        title="Entries that need a look"
        of={quarantine}
        none="None. Every anchored entry counts."
        note="Anchored like all others, and kept; their standing says why they are not counted."
        columns={standingColumns}
        rowKey={({ gateway, index }) => `${gateway} ${index}`}
      />
      <Listing
        title="Recent transactions"
        of={transactions}
        none="No transaction yet."
        columns={transactionColumns}
        rowKey={({ index }) => index}
      />
      <PolicyPanel />
    </Page>
  );
}

function Head({ facts }: { readonly facts: LedgerFacts }): ReactNode {
  const pairs = [
    ["Origin", facts.origin],
    ["Entries", formatNumber(facts.size)],
    ["Height", formatNumber(facts.height)],
    ["Checkpoint", utc(facts.time)],
    ["Signed by", quorumWords(facts.quorum)],
    ["Root hash", facts.root],
    ["Genesis hash", facts.genesis],
  ] as const;
  return (
    <section className="panel" aria-labelledby="head-title">
      <header className="panel__head">
        <h2 id="head-title">Checkpoint</h2>
      </header>
      <dl className="pairs">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="breakable">{value}</dd>
          </div>
        ))}
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="code-box" tabIndex={0} aria-label="Signed checkpoint">
        <pre>{facts.checkpoint}</pre>
      </section>
    </section>
  );
}

interface ListingProps<Row> {
  readonly title: string;
  readonly of: Parameters<typeof Shown<Items<Row>>>[0]["of"];
  readonly none: string;
  readonly note?: string;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string | number;
}

function Listing<Row>({ title, of, none, note, columns, rowKey }: ListingProps<Row>): ReactNode {
  const id = `${title.toLowerCase().replaceAll(" ", "-")}-title`;
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel__head">
        <h2 id={id}>{title}</h2>
        {note ? <p className="panel__note">{note}</p> : null}
        {of.value && of.value.items.length > 0 ? (
          <CsvButton
            name={title.toLowerCase().replaceAll(" ", "-")}
            what={title}
            columns={columns}
            rows={of.value.items}
          />
        ) : null}
      </header>
      <Shown of={of} what={title.toLowerCase()}>
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
    </section>
  );
}

const gatewayColumns: readonly Column<Gateway>[] = [
  { title: "Gateway", value: ({ id }) => id },
  {
    title: "Building",
    value: ({ building }) => building,
    show: ({ building }) => <Link href={buildingHref(building)}>{building}</Link>,
  },
  {
    title: "Status",
    value: ({ status }) => status,
    show: ({ status }) => <span className={`state state--${status}`}>{status}</span>,
  },
  {
    title: "Entries",
    numeric: true,
    value: ({ size }) => size,
    show: ({ size }) => formatNumber(size),
  },
  {
    title: "Last anchored",
    value: ({ anchoredAt }) => anchoredAt,
    show: ({ anchoredAt }) => (anchoredAt === null ? "never" : showUtc(anchoredAt)),
  },
  {
    title: "Lag",
    numeric: true,
    value: ({ anchoredAt }) => (anchoredAt === null ? null : lagSeconds(anchoredAt)),
    show: ({ anchoredAt }) =>
      anchoredAt === null ? "–" : formatAge(lagSeconds(anchoredAt) * 1_000),
  },
  {
    title: "Standing",
    value: ({ standing }) => standingText(standing),
    show: ({ standing }) => standingText(standing),
  },
];

function lagSeconds(anchoredAt: string): number {
  return Math.max(0, Math.round((Date.now() - Date.parse(anchoredAt)) / 1_000));
}

function standingText(standing: Readonly<Record<string, number>>): string {
  const parts = Object.entries(standing)
    .filter(([code, count]) => count > 0 && code !== "genesis")
    .map(([code, count]) => `${formatNumber(count)} ${standingWords(code).toLowerCase()}`);
  return parts.length > 0 ? parts.join("; ") : "nothing yet";
}

const standingColumns: readonly Column<StandingEntry>[] = [
  {
    title: "Entry",
    value: ({ gateway, index }) => `${gateway} #${index}`,
    show: ({ gateway, index }) => (
      <Link href={evidenceHref(gateway, index)}>{`${gateway} #${index}`}</Link>
    ),
  },
  {
    title: "Standing",
    value: ({ standing }) => standing,
    show: ({ standing }) => standingWords(standing),
  },
  { title: "Device", value: ({ device }) => device, show: ({ device }) => device ?? "unknown" },
  { title: "Number in sequence", numeric: true, value: ({ sequence }) => sequence },
  {
    title: "Time",
    value: ({ time }) => time,
    show: ({ time }) => (time === null ? "unknown" : showUtc(time)),
  },
];

const transactionColumns: readonly Column<TransactionRow>[] = [
  {
    title: "Entry",
    value: ({ index }) => index,
    show: ({ index }) => formatNumber(index),
  },
  { title: "Time", value: ({ time }) => time, show: ({ time }) => showUtc(time) },
  { title: "What", value: ({ kind }) => kind, show: ({ kind }) => kindWords(kind) },
  { title: "By", value: ({ by }) => by },
  {
    title: "Identity",
    value: ({ id }) => id,
    show: ({ id }) => (
      <code className="code" title={id}>
        {id.slice(0, 16)}…
      </code>
    ),
  },
];
