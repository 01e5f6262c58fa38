// Tables as CSV: RFC 4180, UTF-8, one header line, times in RFC 3339, and no cell that a spreadsheet would run as a formula.

import { iso } from "../read-model/period.ts";
import { civilTime } from "./civil-time.ts";
import type { Cell, Column, Table } from "./table.ts";

/** The lines of a table, one piece of text for each batch of rows. */
export async function* csvOf(table: Table): AsyncGenerator<string> {
  const { columns, offsetAt } = table;
  const times: TimeTexts = {
    instant: remembering(iso),
    civil: remembering((at) => civilTime(at, offsetAt(at))),
  };
  yield line(columns.map(({ name }) => name));
  for await (const rows of table.rows()) {
    let text = "";
    for (const row of rows) text += line(row.map((cell, i) => fieldOf(columns[i]!, cell, times)));
    yield text;
  }
}

function line(fields: readonly string[]): string {
  return `${fields.join(",")}\r\n`;
}

/** How times are written. */
type TimeTexts = Readonly<Record<"instant" | "civil", (at: number) => string>>;

/** Rows of one time follow each other, so most times are those of the row before. */
function remembering(make: (at: number) => string): (at: number) => string {
  let last = Number.NaN;
  let text = "";
  return (at) => {
    if (at !== last) {
      last = at;
      text = make(at);
    }
    return text;
  };
}

function fieldOf({ type }: Column, cell: Cell, times: TimeTexts): string {
  if (cell === null) return "";
  if (typeof cell === "string") return quoted(harmless(cell));
  if (typeof cell === "number" && (type === "instant" || type === "civil"))
    return times[type](cell);
  return String(cell);
}

/** Text that a spreadsheet would take for a formula is marked as text (OWASP, CSV Injection); numbers are never touched. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
