// What the device said, read from the very bytes it signed.
import type { SenmlRecord, Statement } from "@muniment/core";
import type { ReactNode } from "react";
import { formatNumber } from "../measure/number.ts";
import { displayUnit } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { DataTable } from "../parts/data-table.tsx";
import { formatTime, zoneName } from "../time/zone.ts";

interface StatementPanelProps {
  readonly statement: Statement;
  readonly zone: string;
  readonly genuine: boolean;
  readonly body: string | null; // what the check found of the details of a door event
}

/** Device, place, time, sequence number, and the records. */
export function StatementPanel({ statement, zone, genuine, body }: StatementPanelProps): ReactNode {
  const { iss, sub, issuedAt, clockless, sequence, records, kind, bytes } = statement;
  const issued = issuedAt * 1_000;
  const columns: readonly Column<SenmlRecord>[] = [
    { title: "Point", value: ({ name }) => name },
    { title: "Value", numeric: true, value: valueText, show: showValue },
    {
      title: "At",
      value: ({ time }) => time,
      show: ({ time }) => (clockless ? sentAgo(time) : formatTime(time * 1_000, zone, "second")),
    },
  ];
  const facts = [
    ["Device", iss],
    ["Place", sub],
    [
      "Signed at",
      clockless
        ? "not said: the device had no clock, only the ledger’s entry tells when"
        : `${formatTime(issued, zone, "second")} ${zoneName(zone, issued)}`,
    ],
    ["Number in sequence", String(sequence)],
    ["Size", `${formatNumber(bytes.length)} bytes`],
  ] as const;
  return (
    <section className="panel" aria-labelledby="statement-title">
      <header className="panel__head">
        <h2 id="statement-title">{genuine ? "What the device said" : "What this copy claims"}</h2>
      </header>
      <dl className="pairs">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="breakable">{value}</dd>
          </div>
        ))}
      </dl>
      {kind === "access" ? (
        <p>
          A door event. The signature covers a hash of its details, which are kept apart and are
          deleted on their clock: {body ?? "nothing is said of them here"}.
        </p>
      ) : (
        <DataTable
          caption="Records of the statement"
          captionHidden
          columns={columns}
          rows={records}
          rowKey={({ name, time }) => `${name} ${time}`}
        />
      )}
    </section>
  );
}

/** A time of a device without a clock (FORMAT 1.3). */
function sentAgo(time: number): string {
  return time === 0 ? "when it was sent" : `${formatNumber(-time)} s before it was sent`;
}

function valueText({ value, sum, unit }: SenmlRecord): string {
  const said = value ?? sum ?? null;
  if (typeof said !== "number") return said === null ? "–" : String(said);
  const { label, scale, digits } = displayUnit(unit ?? "", null);
  return `${formatNumber(said * scale, digits)} ${label}`.trimEnd();
}

/** Where the unit shown is not the one that was signed, the signed number stands below it. */
function showValue(record: SenmlRecord): ReactNode {
  const { value, unit } = record;
  const converted = typeof value === "number" && displayUnit(unit ?? "", null).scale !== 1;
  return (
    <>
      {valueText(record)}
      {converted ? <span className="signed-as">{`${formatNumber(value)} ${unit}`}</span> : null}
    </>
  );
}
