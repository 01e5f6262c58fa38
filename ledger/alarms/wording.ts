// What an alarm says to people, in one sentence without times: those are shown in the zone of whoever reads.

import type { Subject } from "./alarm.ts";
import type { Change } from "./change.ts";
import type { Rule } from "./rule.ts";

/** The sentence of an alarm that a change opens. */
export function sayingOf(rule: Rule, subject: Subject, change: Change): string {
  const at = subject.place === null ? "" : ` (${subject.place})`;
  const value = amount(change.value, subject);
  switch (rule.kind) {
    case "above":
    case "below":
      return `${subject.id}${at} reads ${value}, ${rule.kind} ${amount(rule.limit, subject)}${lasting(rule.forSeconds)}`;
    case "rate-above":
    case "rate-below": {
      const per = ` per ${duration(rule.perSeconds)}`;
      const side = rule.kind === "rate-above" ? "above" : "below";
      return `${subject.id}${at} changes by ${value}${per}, ${side} ${amount(rule.limit, subject)}${per}${lasting(rule.forSeconds)}`;
    }
    case "completeness":
      return `${subject.id}${at}: ${percent(change.value)} of the readings expected in ${duration(rule.windowSeconds)} came, below ${percent(rule.limit)}`;
    case "silence":
      return `${subject.id}${at} has been silent for more than ${duration(change.value)}`;
    case "gateway-lag":
      return `The newest statement from gateway ${subject.id} is older than ${duration(rule.limitSeconds)}`;
    case "quarantine":
      return `${change.value} entries of gateway ${subject.id} do not count, more than ${rule.limit} in ${duration(rule.windowSeconds)}`;
  }
}

/** Units as people read them, and how many of them one unit of SenML is. */
const SHOWN: Readonly<Record<string, readonly [name: string, scale: number]>> = {
  Cel: ["°C", 1],
  J: ["kWh", 1 / 3_600_000],
  W: ["kW", 1 / 1_000],
};

/** A measured value in a unit that people read; six significant digits are what a sentence needs. */
export function amount(value: number, { unit, brick }: Pick<Subject, "unit" | "brick">): string {
  if (unit === "1") return percent(value);
  const isCo2 = unit === "/" && brick?.includes("CO2") === true;
  const [name, scale] = isCo2 ? (["ppm", 1_000_000] as const) : (SHOWN[unit] ?? [unit, 1]);
  return `${Number((value * scale).toPrecision(6))} ${name}`.trimEnd();
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

function lasting(seconds: number): string {
  return seconds === 0 ? "" : ` for ${duration(seconds)}`;
}

const UNITS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
] as const;

/** Seconds in the largest unit that holds them whole: "15 minutes", "90 seconds". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [length, name] = UNITS.find(([unit]) => whole >= unit && whole % unit === 0) ?? [
    1,
    "second",
  ];
  const count = whole / length;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
