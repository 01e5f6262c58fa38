// What /api/v1 answers, as the pages read it (formats.md, HTTP; times are RFC 3339 UTC).

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

export interface BuildingDetail extends Building {
  readonly places: readonly { readonly place: string; readonly points: readonly string[] }[];
  readonly points: readonly Point[];
}

export interface EnergyStep extends Completeness {
  readonly start: string;
  readonly kwh: number | null;
  readonly peakKw: number | null;
}

export interface Energy {
  readonly building: string;
  readonly zone: string;
  readonly unit: "kWh";
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly meters: readonly string[];
  readonly series: readonly EnergyStep[];
  readonly total: Completeness & {
    readonly kwh: number | null;
    readonly peakKw: number | null;
    readonly peakAt: string | null;
    readonly loadFactor: number | null;
    readonly gaps: number; // intervals longer than declared, counted where they start
    readonly resets: number; // counter resets: what was consumed meanwhile is not counted
  };
  readonly trust: Trust;
}

export interface OccupancyStep extends Completeness {
  readonly start: string;
  readonly mean: number | null;
  readonly peak: number | null;
}

export interface Occupancy {
  readonly building: string;
  readonly zone: string;
  readonly unit: "persons";
  readonly method: string;
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly series: readonly OccupancyStep[];
  readonly total: Completeness & {
    readonly mean: number | null;
    readonly peak: number | null;
    readonly peakAt: string | null;
  };
  readonly trust: Trust;
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
  readonly count: number;
  readonly expected: number | null;
}

export interface Gateway {
  readonly id: string;
  readonly building: string;
  readonly status: string;
  readonly origin: string;
  readonly size: number;
  readonly anchoredAt: string | null;
  readonly registry: number;
  readonly entries: number;
  readonly standing: Readonly<Record<string, number>>;
}

export interface StandingEntry {
  readonly gateway: string;
  readonly index: number;
  readonly standing: string;
  readonly device: string | null;
  readonly sequence: number | null;
  readonly time: string | null;
}

export interface TransactionRow {
  readonly index: number;
  readonly height: number;
  readonly time: string;
  readonly kind: string;
  readonly by: string;
  readonly id: string;
}
