// The weather baseline of a building: days of use and outdoor temperature, the model of some, and what it expects of others.

import { civilDays } from "../civil-days.ts";
import { type Baseline, fitBaseline, predictedKwh } from "../measures/baseline.ts";
import { cusum } from "../measures/cusum.ts";
import { type Period, rounded, stepsOf } from "../period.ts";
import type { BuildingRecord, PointRecord } from "../registry.ts";
import type { Store } from "../store.ts";
import { energyOf } from "./energy.ts";
import { pointSteps } from "./series.ts";

/** A sensor tells of a day with this share of its readings. */
const readingsShareMin = 0.5;

interface Day {
  readonly date: string;
  readonly celsius: number | null;
  /** Null where the count of energy is not complete. */
  readonly actualKwh: number | null;
  readonly received: number;
  readonly expected: number;
  readonly whole: boolean;
}

export interface EnergyBaseline {
  readonly baseline: {
    readonly days: number;
    readonly leftOut: number;
  };
  readonly model: Baseline | null;
  readonly days: readonly (Omit<Day, "whole"> & {
    readonly predictedKwh: number | null;
    readonly cusumKwh: number | null;
  })[];
  readonly total: {
    readonly actualKwh: number | null;
    readonly predictedKwh: number | null;
    readonly savingsKwh: number | null;
    readonly days: number;
  };
}

export interface BaselineQuestion {
  readonly building: BuildingRecord;
  readonly meters: readonly PointRecord[];
  /** Outdoor temperature sensors. */
  readonly weather: readonly PointRecord[];
  readonly period: Period;
  /** Whose days the model is fitted to. */
  readonly baseline: Period;
  readonly now: number;
}

/** The outdoor temperature sensors among a building's points. */
export function weatherSensors(points: readonly PointRecord[]): readonly PointRecord[] {
  return points.filter(
    ({ unit, brick }) => unit === "Cel" && brick === "Outside_Air_Temperature_Sensor",
  );
}

/** Fits the baseline and compares a period with it. Errors: `query.range`. */
export async function energyBaseline(
  store: Store,
  question: BaselineQuestion,
): Promise<EnergyBaseline> {
  const fitted = (await daysOf(store, question, question.baseline)).filter(({ whole }) => whole);
  const usable = fitted.flatMap(({ actualKwh, celsius }) =>
    actualKwh === null || celsius === null ? [] : [{ kwh: actualKwh, celsius }],
  );
  const model = fitBaseline(usable);
  const days = (await daysOf(store, question, question.period)).map(({ whole, ...day }) => ({
    ...day,
    actualKwh: whole ? day.actualKwh : null,
    predictedKwh:
      !whole || model === null || day.celsius === null
        ? null
        : rounded(predictedKwh(model, day.celsius)),
  }));
  const sums = cusum(days.map((day) => ({ actual: day.actualKwh, predicted: day.predictedKwh })));
  const both = days.filter((_, i) => sums[i] !== null);
  const sum = (of: (day: (typeof days)[number]) => number | null): number | null =>
    both.length === 0 ? null : rounded(both.reduce((total, day) => total + (of(day) ?? 0), 0));
  const last = sums.findLast((value) => value !== null);
  return {
    baseline: { days: usable.length, leftOut: fitted.length - usable.length },
    model,
    days: days.map((day, i) => ({
      ...day,
      cusumKwh: sums[i] == null ? null : rounded(sums[i]),
    })),
    total: {
      actualKwh: sum((day) => day.actualKwh),
      predictedKwh: sum((day) => day.predictedKwh),
      savingsKwh: last == null ? null : rounded(-last),
      days: both.length,
    },
  };
}

/** Local days with what each used, if all of it was counted, and how warm it was outside. */
async function daysOf(
  store: Store,
  { building, meters, weather, now }: BaselineQuestion,
  period: Period,
): Promise<readonly Day[]> {
  const buckets = stepsOf(period, "P1D", building.zone);
  const { series } = await energyOf(store, meters, period, buckets, now);
  const warmth = await Promise.all(
    weather.map((point) => pointSteps(store, point, period, buckets, now)),
  );
  return civilDays(period, building.zone).map(({ date, end, whole }, i) => {
    const { kwh, received, expected, gaps, resets } = series[i]!;
    const means = warmth.flatMap((steps) => {
      const { mean, count, expected: owed } = steps[i]!;
      return mean === null || count < readingsShareMin * (owed ?? 0) ? [] : [mean];
    });
    const complete = expected > 0 && received >= expected && gaps === 0 && resets === 0;
    const warm = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    return {
      date,
      celsius: means.length === 0 ? null : rounded(warm),
      actualKwh: complete ? kwh : null,
      received,
      expected,
      whole: whole && end <= now,
    };
  });
}
