// The pure machine of silence: a source must be heard within a limit, in ledger time and within the hours of the rule.
// It rings at its deadline, whichever tick discovers that; so more or fewer ticks give the same changes.

import type { Change } from "./change.ts";

export interface QuietLimits {
  /** How long it may be quiet, in ms. */
  readonly limitMs: number;
  /** It clears when what is heard is no older than this, in ms. */
  readonly clearMs: number;
}

export interface QuietState {
  readonly active: boolean;
  /** The newest that was heard, in ms since 1970, or when listening began. */
  readonly since: number;
  /** Ledger time up to which deadlines were looked for. */
  readonly at: number;
}

/** A time in which the rule holds: [from, to), which may be infinite. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface QuietStep {
  readonly state: QuietState;
  readonly changes: readonly Change[];
}

/** Listening begins at `at`. */
export function listening(at: number): QuietState {
  return { active: false, since: at, at };
}

/**
 * Ledger time moves on to `at`. `spans` are the times in which the rule holds that end after `state.at` and begin up to
 * `at`, in order, not cut. A deadline never runs outside of them: it counts from the start of the span at the earliest.
 */
export function quietTick(
  { limitMs }: QuietLimits,
  before: QuietState,
  at: number,
  spans: readonly Span[],
): QuietStep {
  let { active } = before;
  const { since } = before;
  const changes: Change[] = [];
  const change = (kind: Change["kind"], when: number, from: number): void => {
    const value = (when - from) / 1000;
    changes.push({ kind, at: when, since: from, value, worst: value });
    active = kind === "raised";
  };
  for (const { from, to } of spans) {
    const start = Math.max(since, from);
    const deadline = start + limitMs;
    if (!active && deadline < at && deadline < to) change("raised", deadline, start);
    if (active && to <= at && to > before.at) change("cleared", to, start);
  }
  return { state: { active, since, at: Math.max(at, before.at) }, changes };
}

/** Something was heard at ledger time `at`, to which time moved on before; `t` is how new it is (ms since 1970). */
export function quietHeard(
  { clearMs }: QuietLimits,
  before: QuietState,
  t: number,
  at: number,
): QuietStep {
  const since = Math.max(before.since, Math.min(t, at));
  const cleared = before.active && at - since <= clearMs;
  const value = (at - before.since) / 1000;
  return {
    state: { active: before.active && !cleared, since, at: Math.max(at, before.at) },
    changes: cleared ? [{ kind: "cleared", at, since: before.since, value, worst: value }] : [],
  };
}

/** Nobody listened up to `to`: this node was down. What was not heard meanwhile is nobody's silence. */
export function quietDeaf(before: QuietState, to: number): QuietState {
  return { ...before, since: Math.max(before.since, to) };
}
