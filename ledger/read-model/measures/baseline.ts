// The weather baseline: daily energy by variable-base degree-days, up to five parameters (ASHRAE RP-1050, Kissock, Haberl and Claridge 2003;
// the choice among models as in CalTRACK 2.0).

import { coolingDegrees, heatingDegrees } from "./degree-days.ts";
import { type Fit, leastSquares } from "./least-squares.ts";

/** How the model is found; shown with it. */
export const baselineMethod =
  "daily kWh = intercept + heating × HDD + cooling × CDD by ordinary least squares; base temperatures from 8 to 26 °C in steps of 0.5 K, heating not above cooling; slopes must be positive; of all models the one with the greatest adjusted R². CV(RMSE) and NMBE with n − p degrees of freedom (ASHRAE Guideline 14).";

/** Fewer days than these tell nothing of the weather. */
const daysMin = 30;
/** A term needs this many days on which it is not zero (CalTRACK 2.0). */
const degreeDaysMin = 10;
const baseCelsius = Array.from({ length: 37 }, (_, i) => 8 + i / 2);

export interface DayOfUse {
  readonly kwh: number;
  /** Mean outdoor temperature. */
  readonly celsius: number;
}

/** One term of a model: kWh for each degree-day beyond the base. */
interface Term {
  readonly base: number;
  readonly slope: number;
}

export interface Baseline {
  readonly intercept: number;
  readonly heating: Term | null;
  readonly cooling: Term | null;
  /** Null where the days do not differ at all. */
  readonly r2: number | null;
  readonly adjustedR2: number | null;
  /** Null where the mean use is zero. */
  readonly cvRmse: number | null;
  readonly nmbe: number | null;
}

/** The baseline of some days; null of too few. */
export function fitBaseline(days: readonly DayOfUse[]): Baseline | null {
  if (days.length < daysMin) return null;
  const y = days.map(({ kwh }) => kwh);
  const columns = (degrees: (celsius: number, base: number) => number) =>
    baseCelsius
      .map((base) => ({ base, x: days.map(({ celsius }) => degrees(celsius, base)) }))
      .filter(({ x }) => x.filter((value) => value > 0).length >= degreeDaysMin);
  const heating = columns(heatingDegrees);
  const cooling = columns(coolingDegrees);
  let best = modelOf(y, days, leastSquares(y, [])!, null, null);
  const consider = (heat: Column | null, cool: Column | null): void => {
    const terms = [heat, cool].filter((column) => column !== null);
    const fit = leastSquares(
      y,
      terms.map(({ x }) => x),
    );
    if (fit === null || fit.slopes.some((slope) => slope <= 0)) return;
    const model = modelOf(y, days, fit, heat, cool);
    if ((model.adjustedR2 ?? 0) > (best.adjustedR2 ?? 0)) best = model;
  };
  for (const heat of heating) consider(heat, null);
  for (const cool of cooling) consider(null, cool);
  for (const heat of heating)
    for (const cool of cooling) if (heat.base <= cool.base) consider(heat, cool);
  return best;
}

/** Kilowatt-hours that the baseline expects of a day. */
export function predictedKwh({ intercept, heating, cooling }: Baseline, celsius: number): number {
  return (
    intercept +
    (heating === null ? 0 : heating.slope * heatingDegrees(celsius, heating.base)) +
    (cooling === null ? 0 : cooling.slope * coolingDegrees(celsius, cooling.base))
  );
}

interface Column {
  readonly base: number;
  readonly x: readonly number[];
}

function modelOf(
  y: readonly number[],
  days: readonly DayOfUse[],
  { intercept, slopes, residual, total }: Fit,
  heat: Column | null,
  cool: Column | null,
): Baseline {
  const [heatSlope, coolSlope] = heat === null ? [0, slopes[0]] : slopes;
  const terms = {
    intercept,
    heating: heat === null ? null : { base: heat.base, slope: heatSlope! },
    cooling: cool === null ? null : { base: cool.base, slope: coolSlope! },
  };
  const n = y.length;
  const p = 1 + slopes.length;
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const r2 = total > 0 ? 1 - residual / total : null;
  const model = { ...terms, r2, adjustedR2: null, cvRmse: null, nmbe: null };
  const bias = days.reduce((sum, { kwh, celsius }) => sum + kwh - predictedKwh(model, celsius), 0);
  return {
    ...model,
    adjustedR2: r2 === null ? null : 1 - ((1 - r2) * (n - 1)) / (n - p),
    cvRmse: mean > 0 ? Math.sqrt(residual / (n - p)) / mean : null,
    nmbe: mean > 0 ? bias / ((n - p) * mean) : null,
  };
}
