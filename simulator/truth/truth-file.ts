// `truth.json`, format muniment-truth/2: everything a derived figure of the building can be checked against (README, "The truth file").
import type { FaultKind } from "../world/faults.ts";
import type { WeekHours } from "../world/plan.ts";

/** Times are unix seconds, energies integer joules; lists that run beside `days` have one item for each day. */
export interface TruthFile {
  readonly format: "muniment-truth/2";
  readonly building: string;
  readonly zone: string;
  readonly seed: number;
  /** First step that was lived, and the end of the last one. */
  readonly from: number;
  readonly to: number;
  /** Seconds between the counts of persons, and of one demand interval. */
  readonly countSeconds: number;
  readonly demandSeconds: number;
  /** As they are registered on the ledger. */
  readonly hours: WeekHours;
  readonly holidays: readonly string[];
  readonly usableFt2: number;
  readonly grossFt2: number;
  /** Points that count energy, by what they count. */
  readonly meters: { readonly [circuit: string]: string };
  readonly days: readonly TruthDay[];
  readonly hourly: TruthHours;
  /** By weekday × 24 + hour, Sunday 0:00 first. */
  readonly week: readonly TruthCount[];
  /** By place; one list item a day. */
  readonly rooms: { readonly [place: string]: readonly TruthRoomDay[] };
  readonly points: { readonly [point: string]: TruthPoint };
  /** By point that declares an interval: intervals of each day that owe a reading, and those for which one was sent well. */
  readonly delivery: {
    readonly [point: string]: {
      readonly expected: readonly number[];
      readonly received: readonly number[];
    };
  };
  /** By door reader: passages that happened, badges and not. */
  readonly crossings: { readonly [device: string]: { readonly in: number; readonly out: number } };
  readonly faults: readonly TruthFault[];
  /** By device that misbehaves. */
  readonly conduct: { readonly [device: string]: TruthConduct };
}

/** Persons at the counting step, over the rooms with sensors. `mean` is sum / steps. */
export interface TruthCount {
  readonly sum: number;
  readonly steps: number;
  readonly peak: number;
}

/** One local day, from its midnight or the first step to the next midnight or the last step. */
export interface TruthDay extends TruthCount {
  readonly date: string;
  readonly from: number;
  readonly to: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Registered hours of that day, holidays respected: [open, close] in local minutes. */
  readonly open: WeekHours[number];
  /** When the peak was first there. */
  readonly peakAt: number;
  /** Distinct people of the staff who were in the building, and those of them whose badge was told to the ledger. */
  readonly persons: number;
  readonly badged: number;
  readonly visitors: number;
  /** By circuit; intervals that began on the day and have ended. */
  readonly energyJ: { readonly [circuit: string]: number };
  /** The greatest demand interval of the main meter, and its start; null when none has ended. */
  readonly demand: { readonly joules: number; readonly at: number } | null;
  /** Joules of the main meter's demand intervals that began outside opening hours. */
  readonly afterHoursJ: number;
}

/** Hours since 1970 in a row from `from`; the last one may be unfinished and is left out of energy. */
export interface TruthHours {
  readonly from: number;
  readonly energyJ: { readonly [circuit: string]: readonly number[] };
  readonly persons: {
    readonly sum: readonly number[];
    readonly steps: readonly number[];
    readonly peak: readonly number[];
  };
}

/** What the sensors of a room would tell of one day if nothing was lost. */
export interface TruthRoomDay extends TruthCount {
  /** Steps with somebody in the room. */
  readonly occupied: number;
  /** The same of the steps that began in opening hours. */
  readonly openSteps: number;
  readonly openOccupied: number;
  /** Sums over `steps` readings: ppm and degrees Celsius as the sensors read them. */
  readonly co2Sum: number;
  readonly co2Max: number;
  readonly celsiusSum: number;
}

/** `values[i]` is what was true at `from + i × interval`; `read` is there when a faulty sensor read something else. */
export interface TruthPoint {
  readonly unit: string;
  readonly interval: number;
  readonly from: number;
  readonly values: readonly number[];
  readonly read?: readonly number[];
}

export interface TruthFault {
  readonly kind: FaultKind;
  readonly place: string;
  readonly from: number;
  readonly to: number;
}

/** How a device misbehaved, and what the gateway must therefore have counted. */
export interface TruthConduct {
  readonly kind: string;
  readonly share: number;
  /** Statements of the kind's doing: refused, repeated, late, withheld or said again. */
  readonly statements: number;
  readonly readings: number;
}
