// What /api/v1 answers of people: by step, by weekday and hour, by day, by room, and what the public may see.
import type { Completeness, Period, Vouching } from "./shapes.ts";

export interface OccupancyStep extends Completeness {
  readonly start: string;
  readonly mean: number | null;
  readonly peak: number | null;
}

export interface Occupancy extends Period, Vouching {
  readonly step: string;
  readonly method: string;
  readonly series: readonly OccupancyStep[];
  readonly total: Completeness & {
    readonly mean: number | null;
    readonly peak: number | null;
    readonly peakAt: string | null;
  };
}

export interface OccupancyWeek extends Period, Vouching {
  readonly cells: readonly (Completeness & {
    readonly weekday: number; // 0 = Sunday
    readonly hour: number;
    readonly mean: number | null;
    readonly peak: number | null;
    readonly steps: number;
  })[];
  readonly method: string;
}

/** Where a day's persons come from; `disposition`: kept as a number when the badges were deleted on their clock. */
export type DaySource = "badges" | "counters" | "disposition";

export interface OccupancyDay extends Completeness {
  readonly date: string;
  readonly weekday: number;
  readonly reporting: boolean;
  readonly whole: boolean;
  readonly persons: number | null;
  readonly source: DaySource | null;
  readonly counterPeak: number | null;
}

export interface Utilization {
  readonly usableFt2: number | null;
  readonly capacity: number | null;
  readonly meanPersons: number | null;
  readonly rate: number | null; // 0..1
  readonly below60: boolean | null;
  readonly days: number;
  readonly missingDays: number;
  readonly sources: readonly DaySource[];
}

export interface OccupancyDays extends Period, Vouching {
  readonly days: readonly OccupancyDay[];
  readonly utilization: Utilization;
  readonly method: string;
}

export interface Room extends Completeness {
  readonly place: string;
  readonly label: string | null;
  readonly use: string | null;
  readonly floor: string | null;
  readonly seats: number | null;
  readonly usableFt2: number | null;
  readonly occupiedHours: number | null;
  readonly openHours: number | null;
  readonly occupiedShare: number | null; // 0..1
  readonly meanPersons: number | null;
  readonly peakPersons: number | null;
  readonly seatShare: number | null; // 0..1
  readonly meanCo2: number | null; // ppm
  readonly maxCo2: number | null; // ppm
  readonly meanCelsius: number | null;
}

export interface Rooms extends Period, Vouching {
  readonly hoursKnown: boolean;
  readonly rooms: readonly Room[];
  readonly method: string;
}

export interface PublicBuilding {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly grossFt2: number | null;
  readonly usableFt2: number | null;
}

export interface PublicDay {
  readonly date: string;
  readonly weekday: number;
  readonly reporting: boolean;
  readonly persons: number | null;
  readonly suppressed: boolean;
  readonly kwh: number | null;
  readonly energy: Completeness;
}

export interface PublicWeek {
  readonly from: string; // date of its Monday
  readonly personDays: number | null;
  readonly days: number; // reporting days that have a figure
}

export interface PublicDays extends Period {
  readonly k: number;
  readonly releasedTo: string;
  readonly days: readonly PublicDay[];
  readonly weeks: readonly PublicWeek[];
  readonly utilization: Pick<Utilization, "capacity" | "meanPersons" | "rate" | "below60" | "days">;
  readonly method: string;
}
