// A disposition: what the ledger keeps of access bodies that were destroyed on their retention clock (FORMAT 4.3, D8).

import { compare, concat } from "./bytes.ts";
import type { Cbor, CborMap, Encodable } from "./cbor.ts";
import { FormatError } from "./errors.ts";
import { asHash32, type Hash32, sha256 } from "./hash.ts";

/** Name of the policy whose value `{days}` is how long an access body is kept. */
export const RETENTION_POLICY = "retention.access";
const RETENTION_DAYS_MAX = 36_525; // a century

/** The days of a retention policy's value `{days}`; null when it is no such value. */
export function retentionDays(value: Cbor): number | null {
  if (!(value instanceof Map) || value.size !== 1) return null;
  const days = value.get("days");
  return isCount(days) && days <= RETENTION_DAYS_MAX ? days : null;
}

/** Bodies of one local day of a building, of entries in one gateway's log. */
export interface Disposition {
  readonly building: string;
  /** Local date, YYYY-MM-DD. */
  readonly day: string;
  readonly gateway: string;
  /** Which entries: pass over so many, take so many, and so on, from entry 0; see runsOf(). */
  readonly entries: readonly number[];
  /** How many bodies: the sum of what is taken. */
  readonly count: number;
  /** bodiesHash() of the bodies' hashes. */
  readonly bodies: Hash32;
  /** Distinct persons of the day, at all gateways of the building; null where that could not be told. */
  readonly persons: number | null;
  /** The policy value they were destroyed under: milliseconds since 1970 from which it holds, and its source. */
  readonly from: number;
  readonly citation: string;
}

const FIELDS = ["building", "day", "gateway", "entries", "count", "bodies", "from", "citation"];

/** The body of a `disposition` transaction. */
export function dispositionBody({ persons, ...facts }: Disposition): Encodable {
  return { ...facts, ...(persons === null ? {} : { persons }) };
}

/** Reads the body of a `disposition` transaction; names and dates are the machine's to judge. Errors: `disposition.structure`. */
export function readDisposition(body: CborMap): Disposition {
  const persons = body.get("persons") ?? null;
  const size = FIELDS.length + (persons === null ? 0 : 1);
  if (body.size !== size || !FIELDS.every((field) => body.has(field)))
    throw new FormatError("disposition.structure", `fields ${[...body.keys()].join(", ")}`);
  const [building, day, gateway, citation] = ["building", "day", "gateway", "citation"].map(
    (name) => text(body.get(name), name),
  ) as [string, string, string, string];
  const from = body.get("from");
  const bodies = body.get("bodies");
  const entries = readRuns(body.get("entries"));
  const count = entries.reduce((sum, run, i) => (i % 2 === 1 ? sum + run : sum), 0);
  if (body.get("count") !== count)
    throw new FormatError("disposition.structure", `count: expected ${count}`);
  if (typeof from !== "number" || !Number.isSafeInteger(from) || from < 0)
    throw new FormatError("disposition.structure", "from: expected milliseconds since 1970");
  if (!(bodies instanceof Uint8Array) || bodies.length !== 32)
    throw new FormatError("disposition.structure", "bodies: expected a hash");
  if (persons !== null && persons !== 0 && !isCount(persons))
    throw new FormatError("disposition.structure", "persons: expected a whole number");
  const hash = asHash32(bodies);
  return { building, day, gateway, entries, count, bodies: hash, persons, from, citation };
}

/** SHA-256 over the hashes of the bodies, one after the other in the order of their bytes. */
export function bodiesHash(hashes: readonly Uint8Array[]): Hash32 {
  return sha256(concat(...[...hashes].sort(compare)));
}

/** Indices in rising order, as a disposition writes them: [pass over, take, pass over, take, …]. */
export function runsOf(indices: readonly number[]): number[] {
  const runs: number[] = [];
  let end = 0;
  for (const index of indices) {
    if (index > end || runs.length === 0) runs.push(index - end, 0);
    runs[runs.length - 1]! += 1;
    end = index + 1;
  }
  return runs;
}

/** The stretches [from, to) that a disposition takes. */
export function* stretchesOf(
  entries: readonly number[],
): Iterable<{ readonly from: number; readonly to: number }> {
  let at = 0;
  for (let i = 0; i < entries.length; i += 2) {
    const from = at + entries[i]!;
    at = from + entries[i + 1]!;
    yield { from, to: at };
  }
}

/** Whether a disposition takes the entry at `index`. */
export function takes(entries: readonly number[], index: number): boolean {
  for (const { from, to } of stretchesOf(entries)) if (index >= from && index < to) return true;
  return false;
}

function readRuns(value: Cbor | undefined): readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length % 2 !== 0)
    throw new FormatError("disposition.structure", "entries: expected pairs");
  const runs: readonly Cbor[] = value;
  // Only the first stretch may begin where the log begins: two that touch would be one, written in two ways.
  const whole = runs.every((run, i): run is number => (i === 0 && run === 0) || isCount(run));
  const end = whole ? (runs as readonly number[]).reduce((sum, run) => sum + run, 0) : Number.NaN;
  if (!Number.isSafeInteger(end))
    throw new FormatError("disposition.structure", "entries: expected whole numbers, 1 or more");
  return runs as readonly number[];
}

function text(value: Cbor | undefined, name: string): string {
  if (typeof value !== "string" || value === "")
    throw new FormatError("disposition.structure", `${name}: expected text`);
  return value;
}

function isCount(value: Cbor | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}
