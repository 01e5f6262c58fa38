// What /api/v1 answers of the ledger and its buildings, as the pages read it (formats.md, HTTP; times are RFC 3339 UTC).

export interface Completeness {
  readonly received: number;
  readonly expected: number;
}

/** Counts of readings by who vouches for them (F10); never mixed silently. */
export interface Trust {
  readonly device: number;
  readonly observed: number;
  readonly manual: number;
}

/** Who vouches for the readings of a figure. */
export interface Vouching {
  readonly trust: Trust;
  readonly clockless: number; // readings whose device had no clock: dated by the ledger
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface LedgerFacts {
  readonly origin: string;
  readonly mode: string;
  readonly height: number;
  readonly size: number;
  readonly root: string;
  readonly time: string;
  readonly checkpoint: string;
  readonly quorum: {
    readonly have: number;
    readonly need: number;
    readonly of: number;
    readonly label: string;
  };
  readonly genesis: string;
}

export interface TransactionRow {
  readonly index: number;
  readonly height: number;
  readonly time: string;
  readonly kind: string;
  readonly by: string;
  readonly id: string;
}

export interface Building {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly grossFt2: number | null;
  readonly usableFt2: number | null;
  readonly address?: string | null;
  readonly devices: number;
  readonly gateways: number;
  readonly lastReadingAt: string | null;
  readonly trust: Trust;
  readonly week: {
    readonly kwh: number | null;
    readonly completeness: Completeness;
    readonly peakOccupancy: number | null;
    readonly meanOccupancy: number | null;
  };
}

/** Opening hours of each weekday, Sunday first: [open, close] in minutes of the local day. */
export type WeekHours = readonly (readonly (readonly [open: number, close: number])[])[];

export interface Place {
  readonly place: string; // path from the building down
  readonly kind?: string;
  readonly use?: string | null;
  readonly label?: string | null;
  readonly usableFt2?: number | null;
  readonly seats?: number | null;
  readonly points: readonly string[];
}

export interface BuildingDetail extends Building {
  readonly hours?: WeekHours | null;
  readonly holidays?: readonly string[];
  readonly places: readonly Place[];
  readonly points: readonly Point[];
}

export interface Point {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "interval" | "event";
  readonly interval: number | null;
  readonly label: string | null;
  readonly place: string;
  readonly brick: string | null;
  readonly lastTime: string | null;
  readonly lastValue: number | null;
  readonly received: number;
}

export interface Reading {
  readonly time: string;
  readonly value: number | null;
  readonly sequence: number;
  readonly gateway: string;
  readonly index: number;
  readonly flags: readonly string[];
}

export interface PointStep {
  readonly start: string;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly sum: number | null; // of points that say how much fell into each interval
  readonly count: number;
  readonly received: number;
  readonly expected: number | null;
}

export interface PointSteps {
  readonly items: readonly PointStep[];
  readonly clockless: number;
}

/** What every figure of a building opens with. */
export interface Period {
  readonly building: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
}
