// The bill of one month or part of one: fixed charge, energy blocks by time of use, demand charge (FEMP, utility rate basics; D11).

import { largestRemainder, rounded } from "./largest-remainder.ts";
import { fits, type Tariff } from "./tariff.ts";

const joulesPerKwh = 3_600_000n;
const wattsPerKw = 1000n;
const microdollarsPerCent = 10_000n;

/** A demand interval as a tariff sees it. */
export interface BilledInterval {
  readonly month: number;
  readonly weekday: number;
  /** Local civil minute of the day in which it began. */
  readonly minute: number;
  /** Exact. */
  readonly joules: number;
  /** Mean power. */
  readonly watts: number;
}

export interface BillLine {
  readonly name: string;
  readonly cents: number;
}

/**
 * Lines in whole cents whose sum is the bill to the nearest cent. `covered` of `whole` ms of the civil month are billed: fixed and demand
 * charges are due in that share. Energy is priced on exact joules, demand on whole watts, each line to the nearest microdollar.
 */
export function billOf(
  tariff: Tariff,
  intervals: readonly BilledInterval[],
  covered: number,
  whole: number,
): readonly BillLine[] {
  const prorated = (microdollars: bigint): bigint =>
    rounded(microdollars * BigInt(covered), BigInt(whole));
  const joules = tariff.energy.map(() => 0n);
  const watts = tariff.demand.map(() => 0n);
  for (const interval of intervals) {
    const block = tariff.energy.findIndex((energy) => fits(energy, interval));
    if (block >= 0) joules[block]! += BigInt(Math.round(interval.joules));
    const power = BigInt(Math.round(interval.watts));
    tariff.demand.forEach((demand, i) => {
      if (fits(demand, interval) && power > watts[i]!) watts[i] = power;
    });
  }
  const lines = [
    { name: "fixed charge", microdollars: prorated(BigInt(tariff.fixedMicrodollarsPerMonth)) },
    ...tariff.energy.map(({ name, microdollarsPerKwh }, i) => ({
      name,
      microdollars: rounded(joules[i]! * BigInt(microdollarsPerKwh), joulesPerKwh),
    })),
    ...tariff.demand.map(({ name, microdollarsPerKw }, i) => ({
      name,
      microdollars: prorated(rounded(watts[i]! * BigInt(microdollarsPerKw), wattsPerKw)),
    })),
  ];
  const cents = largestRemainder(
    lines.map(({ microdollars }) => microdollars),
    microdollarsPerCent,
  );
  return lines.map(({ name }, i) => ({ name, cents: Number(cents[i]) }));
}
