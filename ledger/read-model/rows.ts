// The rows that a run of ledger entries adds to the read model, column by column as the store appends them.

import type { Standing } from "./standing.ts";

interface EntryRow {
  readonly gateway: number;
  readonly index: number;
  readonly ledger: number;
  /** 0 when no known key is named. */
  readonly signer: number;
  readonly sequence: number | null;
  readonly standing: Standing;
  /** The device's time of issue in ms, a claim; null when the entry is no statement. */
  readonly time: number | null;
}

export interface SampleRow {
  readonly point: number;
  readonly t: number;
  readonly v: number;
  readonly gateway: number;
  readonly index: number;
  readonly sequence: number;
  readonly flags: number;
}

export interface TransactionRow {
  readonly index: number;
  readonly height: number;
  readonly time: number;
  readonly kind: string;
  /** Who signed: the subject of the key, else the kid. */
  readonly by: string;
  readonly id: string;
}

/** One person at a door, told by the body of a counted access event. */
export interface PersonRow {
  readonly building: string;
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  /** Tag under the day's key. */
  readonly person: number;
  readonly ledger: number;
}

/** A local day whose bodies are destroyed. */
export interface DispositionRow {
  readonly building: string;
  readonly date: string;
  readonly persons: number | null;
  readonly ledger: number;
}

export interface Rows {
  readonly entries: EntryRow[];
  readonly samples: SampleRow[];
  readonly transactions: TransactionRow[];
  readonly persons: PersonRow[];
  readonly dispositions: DispositionRow[];
}

export function noRows(): Rows {
  return { entries: [], samples: [], transactions: [], persons: [], dispositions: [] };
}
