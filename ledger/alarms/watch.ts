// One rule on one subject: the pure machine that joins a condition with the life of its alarm: (state, input) => state + outputs (house rule 2).

import {
  type Alarm,
  acknowledgeAlarm,
  closeAlarm,
  continues,
  openAlarm,
  type Proof,
  reopenAlarm,
  type Subject,
} from "./alarm.ts";
import type { Change } from "./change.ts";
import { CALM, type LevelLimits, type LevelReading, type LevelState, level } from "./level.ts";
import {
  listening,
  type QuietState,
  quietDeaf,
  quietHeard,
  quietTick,
  type Span,
} from "./quiet.ts";
import { type Before, rate } from "./rate.ts";
import type { Rule } from "./rule.ts";
import { tally, type Window } from "./tally.ts";
import { sayingOf } from "./wording.ts";

/** What stays the same from input to input. */
export interface Watched {
  readonly rule: Rule;
  /** When the rule began, in ms: part of what tells its alarms from those of a rule of the same name before it. */
  readonly ruleSince: number;
  readonly subject: Subject;
  /** Declared seconds between readings, or statements; null when none are declared. */
  readonly interval: number | null;
  /** Whether the point is a cumulative counter. */
  readonly counter: boolean;
  /** Alarms found later than this after they opened are history: nobody is told. */
  readonly historyMs: number;
}

type Condition =
  | { readonly kind: "level"; readonly level: LevelState; readonly before: Before }
  | { readonly kind: "quiet"; readonly quiet: QuietState; readonly proof: Proof | null }
  | { readonly kind: "tally"; readonly level: LevelState; readonly window: Window | null }
  | { readonly kind: "share"; readonly level: LevelState };

/** What is kept between inputs: plain JSON. */
export interface WatchState {
  readonly condition: Condition;
  /** The newest alarm, open or closed. */
  readonly alarm: Alarm | null;
  /** Readings that were not judged: they came after later ones, or claim to be from the future. */
  readonly late: number;
}

/** Inputs carry their own times; `at` is the ledger's time, in ms. */
export type Input =
  | {
      readonly kind: "reading";
      readonly reading: LevelReading;
      readonly at: number;
      readonly proof: Proof;
    }
  | { readonly kind: "heard"; readonly t: number; readonly at: number; readonly proof: Proof }
  | {
      readonly kind: "refused";
      readonly count: number;
      readonly at: number;
      readonly proof: Proof | null;
    }
  | { readonly kind: "share"; readonly t: number; readonly share: number; readonly at: number }
  | { readonly kind: "tick"; readonly at: number; readonly spans: readonly Span[] }
  | { readonly kind: "deaf"; readonly to: number };

export interface Output {
  readonly event: "opened" | "reopened" | "closed" | "acknowledged";
  readonly alarm: Alarm;
}

export interface WatchStep {
  readonly state: WatchState;
  readonly outputs: readonly Output[];
}

/** Gaps of more than this many declared intervals say nothing of the time between. */
const gapIntervalsMax = 3;
/** A reading this far ahead of the ledger's time is not believed: it would make all that follow late. */
const futureMsMax = 600_000;

/** A subject is watched from `at` on (ms of ledger time). */
export function beginWatch({ rule }: Watched, at: number): WatchState {
  return { condition: conditionOf(rule, at), alarm: null, late: 0 };
}

function conditionOf(rule: Rule, at: number): Condition {
  switch (rule.kind) {
    case "silence":
    case "gateway-lag":
      return { kind: "quiet", quiet: listening(at), proof: null };
    case "quarantine":
      return { kind: "tally", level: CALM, window: null };
    case "completeness":
      return { kind: "share", level: CALM };
    default:
      return { kind: "level", level: CALM, before: null };
  }
}

/** One input. An input that is not for this kind of rule changes nothing. */
export function watch(watched: Watched, state: WatchState, input: Input): WatchStep {
  const { condition } = state;
  const moved = (
    next: Condition,
    changes: readonly (Change | null)[],
    at: number,
    proof: Proof | null,
    late = false,
  ): WatchStep =>
    live(
      watched,
      { ...state, condition: next, late: state.late + (late ? 1 : 0) },
      changes.filter((change) => change !== null),
      at,
      proof,
    );
  switch (input.kind) {
    case "reading": {
      if (condition.kind !== "level") break;
      const { rule } = watched;
      if (input.reading.t > input.at + futureMsMax)
        return moved(condition, [], input.at, null, true);
      let { before } = condition;
      let reading: LevelReading | null = input.reading;
      if (rule.kind === "rate-above" || rule.kind === "rate-below") {
        const slope = rate(
          {
            perMs: rule.perSeconds * 1000,
            gapMsMax: gapMsOf(watched.interval),
            counter: watched.counter,
          },
          before,
          input.reading,
        );
        if (slope.late) return moved(condition, [], input.at, null, true);
        before = slope.before;
        reading = slope.rate;
      }
      if (reading === null) return moved({ ...condition, before }, [], input.at, null);
      const step = level(levelLimits(watched), condition.level, reading);
      const next = { ...condition, level: step.state, before };
      return moved(next, [step.change], input.at, input.proof, step.late);
    }
    case "share": {
      if (condition.kind !== "share") break;
      const reading = { t: input.t, v: input.share, applies: true };
      const step = level(levelLimits(watched), condition.level, reading);
      return moved({ ...condition, level: step.state }, [step.change], input.at, null);
    }
    case "refused":
      return condition.kind === "tally"
        ? tallied(watched, state, condition, input.at, input.count, input.proof)
        : { state, outputs: [] };
    case "heard": {
      if (condition.kind !== "quiet") break;
      const step = quietHeard(quietLimits(watched), condition.quiet, input.t, input.at);
      const next = { ...condition, quiet: step.state, proof: input.proof };
      return moved(next, step.changes, input.at, input.proof);
    }
    case "tick": {
      if (condition.kind === "tally") return tallied(watched, state, condition, input.at, 0, null);
      if (condition.kind !== "quiet") break;
      const step = quietTick(quietLimits(watched), condition.quiet, input.at, input.spans);
      return moved({ ...condition, quiet: step.state }, step.changes, input.at, condition.proof);
    }
    case "deaf":
      if (condition.kind !== "quiet") break;
      return moved(
        { ...condition, quiet: quietDeaf(condition.quiet, input.to) },
        [],
        input.to,
        null,
      );
  }
  return { state, outputs: [] };
}

/** Somebody acknowledges the subject's newest alarm, at `at` ms; null when that is another one. */
export function acknowledgeWatch(
  state: WatchState,
  alarm: Pick<Alarm, "id">,
  by: string,
  note: string | null,
  at: number,
): WatchStep | null {
  if (state.alarm?.id !== alarm.id) return null;
  const acknowledged = acknowledgeAlarm(state.alarm, by, note, at);
  return {
    state: { ...state, alarm: acknowledged },
    outputs: [{ event: "acknowledged", alarm: acknowledged }],
  };
}

/** The subject is watched no more: an open alarm is closed. */
export function endWatch(
  state: WatchState,
  at: number,
  because: NonNullable<Alarm["closedBecause"]>,
): WatchStep {
  if (state.alarm === null || state.alarm.closedAt !== null) return { state, outputs: [] };
  const alarm = closeAlarm(state.alarm, at, because);
  return { state: { ...state, alarm }, outputs: [{ event: "closed", alarm }] };
}

/** The ledger time before which a tick changes nothing, or infinity; asking earlier does no harm. */
export function wakeAt(watched: Watched, { condition }: WatchState): number {
  if (condition.kind === "tally") {
    const { window } = condition;
    const quiet = window === null || (window.n === 0 && !condition.level.active);
    return quiet ? Number.POSITIVE_INFINITY : window.from + windowMs(watched.rule);
  }
  if (condition.kind !== "quiet") return Number.POSITIVE_INFINITY;
  const { active, since, at } = condition.quiet;
  const { limitMs } = quietLimits(watched);
  const always = !("during" in watched.rule) || watched.rule.during === "always";
  if (always) return active ? Number.POSITIVE_INFINITY : since + limitMs;
  // Within hours a deadline may lie later, and an end may come: looked at each minute.
  return active ? at + hoursLookMs : Math.max(since + limitMs, at + hoursLookMs);
}

const hoursLookMs = 60_000;

/** Takes changes of the condition to the alarm. */
function live(
  { rule, ruleSince, subject, historyMs }: Watched,
  state: WatchState,
  changes: readonly Change[],
  at: number,
  proof: Proof | null,
): WatchStep {
  let { alarm } = state;
  const outputs: Output[] = [];
  for (const change of changes) {
    if (change.kind === "cleared") {
      if (alarm === null || alarm.closedAt !== null) continue;
      const worst = ringsBelow(rule)
        ? Math.min(alarm.worst, change.worst)
        : Math.max(alarm.worst, change.worst);
      alarm = closeAlarm(alarm, change.at, "cleared", worst);
      outputs.push({ event: "closed", alarm });
    } else if (continues(alarm, change, rule.holdOffSeconds * 1000)) {
      alarm = reopenAlarm(alarm);
      outputs.push({ event: "reopened", alarm });
    } else {
      const { id, severity, title } = rule;
      const says = sayingOf(rule, subject, change);
      const facts = { rule: id, ruleSince, subject, severity, title, says, proof, historyMs };
      alarm = openAlarm({ ...facts, foundAt: at }, change);
      outputs.push({ event: "opened", alarm });
    }
  }
  return { state: { ...state, alarm }, outputs };
}

function ringsBelow({ kind }: Rule): boolean {
  return kind === "below" || kind === "rate-below" || kind === "completeness";
}

function tallied(
  watched: Watched,
  state: WatchState,
  condition: Extract<Condition, { kind: "tally" }>,
  at: number,
  count: number,
  proof: Proof | null,
): WatchStep {
  const limits = levelLimits(watched);
  const size = { windowMs: windowMs(watched.rule), limit: limits.limit };
  const { window, readings } = tally(size, condition.window, at, count);
  const changes: Change[] = [];
  let before = condition.level;
  for (const reading of readings) {
    const step = level(limits, before, reading);
    before = step.state;
    if (step.change !== null) changes.push(step.change);
  }
  return live(
    watched,
    { ...state, condition: { ...condition, level: before, window } },
    changes,
    at,
    proof,
  );
}

function levelLimits({ rule, interval }: Watched): LevelLimits {
  if (rule.kind === "silence" || rule.kind === "gateway-lag")
    throw new Error(`${rule.kind} has no level`);
  const delays = "forSeconds" in rule;
  return {
    side: ringsBelow(rule) ? -1 : 1,
    limit: rule.limit,
    clear: rule.clear,
    forMs: delays ? rule.forSeconds * 1000 : 0,
    clearForMs: delays ? rule.clearForSeconds * 1000 : 0,
    gapMsMax: delays ? gapMsOf(interval) : null,
  };
}

function quietLimits({ rule, interval }: Watched): { limitMs: number; clearMs: number } {
  if (rule.kind === "gateway-lag")
    return { limitMs: rule.limitSeconds * 1000, clearMs: rule.clearSeconds * 1000 };
  if (rule.kind !== "silence") throw new Error(`${rule.kind} has no deadline`);
  const limitMs = Math.max(rule.intervals * (interval ?? 0), rule.atLeastSeconds) * 1000;
  return { limitMs, clearMs: limitMs };
}

function windowMs(rule: Rule): number {
  if (rule.kind !== "quarantine") throw new Error(`${rule.kind} has no window`);
  return rule.windowSeconds * 1000;
}

function gapMsOf(interval: number | null): number | null {
  return interval === null ? null : gapIntervalsMax * interval * 1000;
}
