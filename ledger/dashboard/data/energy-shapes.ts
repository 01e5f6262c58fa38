// What /api/v1/buildings/{id}/energy and its profile and baseline answer.
import type { Completeness, Period, Vouching } from "./shapes.ts";

/** What counters hide: intervals longer than declared, and resets after which what was consumed meanwhile is not counted. */
export interface Counted extends Completeness {
  readonly gaps: number;
  readonly resets: number;
}

export interface EnergyStep extends Completeness {
  readonly start: string;
  readonly kwh: number | null;
  readonly peakKw: number | null;
}

export interface Energy extends Period, Vouching {
  readonly step: string;
  readonly meters: readonly string[];
  readonly series: readonly EnergyStep[];
  readonly total: Counted & {
    readonly kwh: number | null;
    readonly peakKw: number | null;
    readonly peakAt: string | null;
    readonly loadFactor: number | null;
  };
}

export interface EnergyUse extends Counted {
  readonly point: string;
  readonly label: string | null;
  readonly brick: string | null;
  readonly kwh: number | null;
  readonly share: number | null; // of the main meters, 0..1
}

export interface LoadShare {
  readonly share: number; // of the demand intervals, 0..1
  readonly kw: number; // reached or exceeded in that share
}

export interface EnergyWeekCell {
  readonly weekday: number; // 0 = Sunday
  readonly hour: number;
  readonly meanKw: number | null;
}

/** One charge of one bill. */
export interface CostLine {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly cents: number;
}

export interface EnergyProfile extends Period, Counted, Vouching {
  readonly meters: readonly string[];
  readonly demandIntervalMs: number;
  readonly kwh: number | null;
  readonly baseKw: number | null;
  readonly peakLoadKw: number | null;
  readonly baseToPeak: number | null;
  readonly peakKw: number | null;
  readonly peakAt: string | null;
  readonly loadFactor: number | null;
  readonly loadDuration: readonly LoadShare[];
  readonly afterHours: {
    readonly kwh: number | null;
    readonly share: number | null;
    readonly hoursKnown: boolean;
  };
  readonly week: readonly EnergyWeekCell[];
  readonly uses: readonly EnergyUse[];
  readonly generation: (Counted & { readonly kwh: number | null }) | null;
  readonly siteEuiKbtuFt2: number | null;
  readonly carbonKg: number | null;
  readonly carbon: readonly {
    readonly gPerKwh: number;
    readonly year: number;
    readonly subregion: string;
    readonly citation: string;
  }[];
  readonly cost: {
    readonly cents: number;
    readonly currency: string;
    readonly lines: readonly CostLine[];
    readonly tariffs: readonly {
      readonly from: string;
      readonly name: string;
      readonly citation: string;
      readonly version: string;
    }[];
  } | null;
  readonly billedMeters: readonly string[];
}

export interface BaselineDay extends Completeness {
  readonly date: string;
  readonly celsius: number | null;
  readonly actualKwh: number | null;
  readonly predictedKwh: number | null;
  readonly cusumKwh: number | null;
}

export interface EnergyBaseline extends Period, Vouching {
  readonly baseline: {
    readonly from: string;
    readonly to: string;
    readonly days: number;
    readonly leftOut: number;
    readonly twelveMonths: boolean;
  };
  readonly weather: readonly string[];
  readonly model: {
    readonly interceptKwh: number;
    readonly heatingKwhPerDegreeDay: number | null;
    readonly coolingKwhPerDegreeDay: number | null;
    readonly heatingBaseCelsius: number | null;
    readonly coolingBaseCelsius: number | null;
    readonly r2: number | null;
    readonly cvRmse: number | null;
  } | null;
  readonly method: string;
  readonly days: readonly BaselineDay[];
  readonly total: {
    readonly actualKwh: number | null;
    readonly predictedKwh: number | null;
    readonly savingsKwh: number | null;
    readonly days: number;
  };
}
