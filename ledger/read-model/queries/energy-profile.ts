// The energy profile of a period: how a building's load lies, by the demand intervals of its main meters.

import { CivilTime, opener, partsOf } from "../civil-time.ts";
import { afterHours } from "../measures/after-hours.ts";
import { baseAndPeakLoad } from "../measures/base-and-peak-load.ts";
import { expectedReadings } from "../measures/completeness.ts";
import { kwhOf } from "../measures/interval-energy.ts";
import { loadDuration } from "../measures/load-duration.ts";
import { loadFactor } from "../measures/load-factor.ts";
import { demandIntervalMs, kwOf } from "../measures/peak-demand.ts";
import { isTwelveMonths, siteEui } from "../measures/site-eui.ts";
import { type Period, rounded } from "../period.ts";
import type { BuildingRecord, PointRecord, Registry } from "../registry.ts";
import type { Store } from "../store.ts";
import { type Counted, countedOf, type Demand, demandOf, type Meters } from "./energy.ts";
import { type Carbon, type Cost, carbonOf, costOf } from "./energy-cost.ts";

interface Received {
  readonly received: number;
  readonly expected: number;
  readonly gaps: number;
  readonly resets: number;
}

export interface EnergyProfile extends Received {
  readonly demandIntervalMs: number;
  readonly kwh: number | null;
  readonly baseKw: number | null;
  readonly peakLoadKw: number | null;
  readonly baseToPeak: number | null;
  readonly peakKw: number | null;
  readonly peakAt: number | null;
  readonly loadFactor: number | null;
  readonly loadDuration: readonly { readonly share: number; readonly kw: number }[];
  readonly afterHours: {
    readonly kwh: number | null;
    readonly share: number | null;
    readonly hoursKnown: boolean;
  };
  /** Mean kilowatts by weekday × 24 + hour. */
  readonly week: readonly (number | null)[];
  readonly uses: readonly (Received & {
    readonly point: PointRecord;
    readonly kwh: number | null;
    readonly share: number | null;
  })[];
  readonly generation: (Received & { readonly kwh: number | null }) | null;
  readonly siteEuiKbtuFt2: number | null;
  readonly carbon: Carbon | null;
  readonly cost: Cost | null;
}

/** What is needed besides the store; `now` (ms) ends what can be expected. */
export interface ProfileQuestion {
  readonly building: BuildingRecord;
  readonly meters: Meters;
  readonly period: Period;
  readonly registry: Registry;
  readonly now: number;
}

/** The profile of a building in a period. Where the grid's own meter tells what was drawn, cost and carbon go by that. */
export async function energyProfile(
  store: Store,
  question: ProfileQuestion,
): Promise<EnergyProfile> {
  const { building, meters, period, registry, now } = question;
  const { main, sub, generation, gridImport } = meters;
  const counted = await countedOf(store, [...main, ...sub, ...generation], period);
  const intervalMs = demandIntervalMs(main);
  const demand = await demandOf(store, main, period, intervalMs);
  const drawn =
    gridImport.length === 0
      ? demand
      : await demandOf(store, gridImport, period, demandIntervalMs(gridImport));
  const civil = new CivilTime(period, building.zone);
  const past: Period = { from: period.from, to: Math.min(period.to, Math.max(now, period.from)) };
  const received = (points: readonly PointRecord[]): Received => receivedOf(points, counted, past);

  const total = kwhOfAll(main, counted);
  const ascending = demand.map(({ watts }) => kwOf(watts)).sort((a, b) => a - b);
  const { base, peak, ratio } = baseAndPeakLoad(ascending);
  const greatest = demand.reduce<Demand | null>(
    (best, interval) => (best === null || interval.watts > best.watts ? interval : best),
    null,
  );
  const peakKw = greatest === null ? null : kwOf(greatest.watts);
  const wholeYear =
    period.to <= now && isTwelveMonths(civil.local(period.from), civil.local(period.to));
  return {
    demandIntervalMs: intervalMs,
    kwh: total,
    baseKw: roundedOrNull(base),
    peakLoadKw: roundedOrNull(peak),
    baseToPeak: roundedOrNull(ratio),
    peakKw: roundedOrNull(peakKw),
    peakAt: greatest?.start ?? null,
    loadFactor:
      total === null || peakKw === null
        ? null
        : roundedOrNull(loadFactor(total, peakKw, past.to - past.from)),
    loadDuration: loadDuration(ascending).map(({ share, load }) => ({ share, kw: rounded(load) })),
    afterHours: afterHoursOf(building, demand, civil),
    week: weekOf(demand, civil),
    uses: sub.map((point) => {
      const kwh = kwhOfAll([point], counted);
      const share = kwh === null || total === null || total <= 0 ? null : rounded(kwh / total);
      return { point, kwh, share, ...received([point]) };
    }),
    generation:
      generation.length === 0
        ? null
        : { kwh: kwhOfAll(generation, counted), ...received(generation) },
    siteEuiKbtuFt2:
      total === null || building.grossFt2 === null || !wholeYear
        ? null
        : rounded(siteEui(total, building.grossFt2)),
    carbon: carbonOf(drawn, registry, past),
    cost: costOf(drawn, registry, building.zone, past),
    ...received(main),
  };
}

function kwhOfAll(
  points: readonly PointRecord[],
  counted: ReadonlyMap<number, Counted>,
): number | null {
  const joules = points.flatMap(({ no }) => counted.get(no)?.joules ?? []);
  return joules.length === 0 ? null : kwhOf(joules.reduce((sum, value) => sum + value, 0));
}

function receivedOf(
  points: readonly PointRecord[],
  counted: ReadonlyMap<number, Counted>,
  { from, to }: Period,
): Received {
  const sum = (of: (point: PointRecord) => number): number =>
    points.reduce((total, point) => total + of(point), 0);
  return {
    received: sum(({ no }) => counted.get(no)?.received ?? 0),
    expected: sum(({ interval }) => expectedReadings(from, to, interval) ?? 0),
    gaps: sum(({ no }) => counted.get(no)?.gaps ?? 0),
    resets: sum(({ no }) => counted.get(no)?.resets ?? 0),
  };
}

function afterHoursOf(
  { hours, holidays }: BuildingRecord,
  demand: readonly Demand[],
  civil: CivilTime,
): EnergyProfile["afterHours"] {
  if (hours === null) return { kwh: null, share: null, hoursKnown: false };
  if (demand.length === 0) return { kwh: null, share: null, hoursKnown: true };
  const isOpen = opener({ hours, holidays });
  const { energy, share } = afterHours(
    demand.map(({ start, joules }) => ({ energy: joules, open: isOpen(civil.local(start)) })),
  );
  return { kwh: kwhOf(energy), share: roundedOrNull(share), hoursKnown: true };
}

function weekOf(demand: readonly Demand[], civil: CivilTime): readonly (number | null)[] {
  const cells = Array.from({ length: 168 }, () => ({ sum: 0, n: 0 }));
  for (const { start, watts } of demand) {
    const { weekday, minute } = partsOf(civil.local(start));
    const cell = cells[weekday * 24 + Math.floor(minute / 60)]!;
    cell.sum += kwOf(watts);
    cell.n += 1;
  }
  return cells.map(({ sum, n }) => (n === 0 ? null : rounded(sum / n)));
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value);
}
