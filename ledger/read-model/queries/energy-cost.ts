// What metered energy costs and emits under the policies in force: bills by civil month, carbon by rate.

import { sha256, toHex, utf8 } from "@muniment/core";
import { CivilTime, partsOf } from "../civil-time.ts";
import { type BillLine, billOf } from "../measures/bill.ts";
import { type CarbonRate, carbonKg, readCarbonRate } from "../measures/carbon.ts";
import { readTariff, type Tariff } from "../measures/tariff.ts";
import { type Period, rounded } from "../period.ts";
import type { Registry } from "../registry.ts";
import { bucketsOf } from "../steps.ts";
import type { Demand } from "./energy.ts";
import { policySpans } from "./policy-spans.ts";

const tariffPolicy = "tariff.electricity";
const carbonPolicy = "carbon.electricity";
/** More than a month. */
const aroundMs = 32 * 86_400_000;

/** A policy value as it was used. */
interface InForce<T> {
  readonly from: number;
  readonly citation: string;
  readonly value: T;
}

export interface Cost {
  readonly cents: number;
  readonly currency: string;
  readonly lines: readonly (BillLine & Period)[];
  readonly tariffs: readonly InForce<Tariff>[];
  readonly version: string;
}

/** The cost of demand intervals; null unless one currency's tariffs that can be read cover the whole period. */
export function costOf(
  demand: readonly Demand[],
  registry: Registry,
  zone: string,
  period: Period,
): Cost | null {
  if (demand.length === 0 || !(period.from < period.to)) return null;
  const civil = new CivilTime(period, zone);
  const months = bucketsOf(period.from - aroundMs, period.to + aroundMs, "P1M", zone).list;
  const used = new Map<string, InForce<Tariff>>();
  const lines: (BillLine & Period)[] = [];
  for (const { start, end } of months.slice(1, -1)) {
    const part = { from: Math.max(start, period.from), to: Math.min(end, period.to) };
    if (part.from >= part.to) continue;
    for (const { from, to, policy } of policySpans(registry, tariffPolicy, part)) {
      const tariff = policy === null ? null : readTariff(policy.value);
      if (policy === null || tariff === null) return null;
      used.set(tariff.version, { from: policy.from, citation: policy.citation, value: tariff });
      const billed = demand
        .filter((interval) => interval.start >= from && interval.start < to)
        .map(({ start: at, ...interval }) => ({ ...interval, ...partsOf(civil.local(at)) }));
      for (const line of billOf(tariff, billed, to - from, end - start))
        lines.push({ from, to, ...line });
    }
  }
  const tariffs = [...used.values()];
  const [first, ...others] = tariffs;
  if (first === undefined || others.some(({ value }) => value.currency !== first.value.currency))
    return null;
  const versions = tariffs.map(({ value }) => value.version);
  return {
    cents: lines.reduce((sum, { cents }) => sum + cents, 0),
    currency: first.value.currency,
    lines,
    tariffs,
    version: others.length === 0 ? versions[0]! : toHex(sha256(utf8(versions.join("\n")))),
  };
}

export interface Carbon {
  readonly kg: number;
  readonly rates: readonly InForce<CarbonRate>[];
}

/** The carbon of demand intervals; null unless rates that can be read cover the whole period. */
export function carbonOf(
  demand: readonly Demand[],
  registry: Registry,
  period: Period,
): Carbon | null {
  if (demand.length === 0) return null;
  let kg = 0;
  const rates: InForce<CarbonRate>[] = [];
  for (const { from, to, policy } of policySpans(registry, carbonPolicy, period)) {
    const rate = policy === null ? null : readCarbonRate(policy.value);
    if (policy === null || rate === null) return null;
    const joules = demand
      .filter(({ start }) => start >= from && start < to)
      .reduce((sum, interval) => sum + interval.joules, 0);
    kg += carbonKg(joules, rate);
    rates.push({ from: policy.from, citation: policy.citation, value: rate });
  }
  return { kg: rounded(kg), rates };
}
