// One rule at work: the states of its subjects, what the machine must know of each, and when time next matters to it.

import type { BuildingRecord, Registry } from "../read-model/registry.ts";
import { Hours, scheduleOf } from "./hours.ts";
import type { CompletenessRule, Rule } from "./rule.ts";
import type { Target } from "./scope.ts";
import {
  beginWatch,
  type Input,
  type Output,
  type Watched,
  type WatchState,
  type WatchStep,
  wakeAt,
  watch,
} from "./watch.ts";

/** A rule as it is kept. */
export interface StoredRule {
  readonly rule: Rule;
  /** When it began, in ms of ledger time. */
  readonly since: number;
  /** End of the next window to be judged, in ms; of a completeness rule. */
  readonly boundary: number | null;
}

/** A subject, prepared for the machine. */
export interface Prepared {
  readonly watched: Watched;
  readonly hours: Hours;
}

interface Kept extends Prepared {
  /** What it was made from: it holds while these stand. */
  readonly record: object;
  readonly building: BuildingRecord | undefined;
}

const completenessStepMsMax = 3_600_000;

export class Watching {
  readonly states = new Map<string, WatchState>();
  /** No tick before this ledger time changes anything. */
  wakeAt = Number.NEGATIVE_INFINITY;
  readonly #registry: () => Registry;
  readonly #historyMs: number;
  readonly #subjects = new Map<string, Kept>();
  #stored: StoredRule;
  #changed = new Set<string>();
  #outputs: Output[] = [];

  constructor(stored: StoredRule, registry: () => Registry, historyMs: number) {
    this.#stored = stored;
    this.#registry = registry;
    this.#historyMs = historyMs;
  }

  get stored(): StoredRule {
    return this.#stored;
  }

  get rule(): Rule {
    return this.#stored.rule;
  }

  setBoundary(boundary: number): void {
    this.#stored = { ...this.#stored, boundary };
  }

  /** A subject, from what is kept of it while `record` and its building stand; else from `target`. */
  prepare(
    { id, building }: { readonly id: string; readonly building: string },
    record: object,
    target: () => Target,
  ): Prepared {
    const kept = this.#subjects.get(id);
    const registered = this.#registry().buildings.get(building);
    if (kept?.record === record && kept.building === registered) return kept;
    const made = { ...this.prepared(target()), record, building: registered };
    this.#subjects.set(id, made);
    return made;
  }

  prepared({ subject, interval, counter }: Target): Prepared {
    const { rule, since: ruleSince } = this.#stored;
    const building = this.#registry().buildings.get(subject.building);
    const during = "during" in rule ? rule.during : "always";
    return {
      watched: { rule, ruleSince, subject, interval, counter, historyMs: this.#historyMs },
      hours: new Hours(scheduleOf(building), during),
    };
  }

  /** The subject's state; one that has none is watched from `since` on, and no earlier than the rule. */
  state({ watched }: Prepared, since = this.#stored.since): WatchState {
    const known = this.states.get(watched.subject.id);
    return known ?? beginWatch(watched, Math.max(since, this.#stored.since));
  }

  /** Takes an input to the subject's machine. */
  apply(subject: Prepared, input: Input, since?: number): void {
    const { watched } = subject;
    const step = watch(watched, this.state(subject, since), input);
    this.keep(watched.subject.id, step);
    this.wakeAt = Math.min(this.wakeAt, wakeAt(watched, step.state));
  }

  /** Takes over a state, and what came out on the way to it. */
  keep(subject: string, { state, outputs }: WatchStep): void {
    this.states.set(subject, state);
    this.#outputs.push(...outputs);
    this.#changed.add(subject);
  }

  /** Subjects whose state changed since the last call, and what came out. */
  take(): { readonly subjects: readonly string[]; readonly outputs: readonly Output[] } {
    const taken = { subjects: [...this.#changed], outputs: this.#outputs };
    this.#changed = new Set();
    this.#outputs = [];
    return taken;
  }
}

/** How far the windows of a completeness rule lie apart, in ms. */
export function stepMsOf({ windowSeconds }: CompletenessRule): number {
  return Math.min(windowSeconds * 1000, completenessStepMsMax);
}

/** The first end of a window after `at`: windows end at multiples of their step since 1970. */
export function boundaryAfter(rule: CompletenessRule, at: number): number {
  const stepMs = stepMsOf(rule);
  return (Math.floor(at / stepMs) + 1) * stepMs;
}
