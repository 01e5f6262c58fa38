// The ledger itself: its head and checkpoint, recent transactions, and whom this browser trusts.
import type { ReactNode } from "react";
import type { LedgerFacts, TransactionRow } from "../data/shapes.ts";
import { usePages } from "../data/use-pages.ts";
import { useResource } from "../data/use-resource.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { Settled } from "../parts/settled.tsx";
import { Shown } from "../parts/states.tsx";
import { UtcTime, utcText } from "../parts/utc-time.tsx";
import { PolicyPanel } from "../trust/policy-panel.tsx";
import { quorumWords } from "../trust/quorum.ts";
import { kindWords } from "./standing.ts";

/** Times are UTC here: the ledger belongs to no building. */
export function LedgerPage(): ReactNode {
  const ledger = useResource<LedgerFacts>("/api/v1/ledger");
  const transactions = usePages<TransactionRow>("/api/v1/transactions?limit=25");
  return (
    <Page title="Ledger" lead={<p>What everything else on these pages rests on. Times are UTC.</p>}>
      <Settled of={[ledger, transactions.page]} what="the ledger">
        {() => (
          <>
            <Shown of={ledger} what="the ledger">
              {(facts) => <Head facts={facts} />}
            </Shown>
            <PagedTable
              title="Transactions"
              file="transactions"
              of={transactions}
              none="No transaction yet."
              note="Newest first"
              columns={columns}
              rowKey={({ index }) => index}
            />
            <PolicyPanel />
          </>
        )}
      </Settled>
    </Page>
  );
}

function Head({ facts }: { readonly facts: LedgerFacts }): ReactNode {
  const pairs = [
    ["Origin", facts.origin],
    ["Entries", formatNumber(facts.size)],
    ["Height", formatNumber(facts.height)],
    ["Checkpoint", utcText(facts.time)],
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

const columns: readonly Column<TransactionRow>[] = [
  {
    title: "Entry",
    value: ({ index }) => index,
    show: ({ index }) => formatNumber(index),
  },
  { title: "Time", value: ({ time }) => time, show: ({ time }) => <UtcTime time={time} /> },
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
