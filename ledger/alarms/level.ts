// The pure machine of a limit with hysteresis: two limits and a minimum duration both ways, on the readings' own times.
// Only readings move it, never a clock, so the same readings in the same order give the same changes in whatever batches they come.

import type { Change } from "./change.ts";

export interface LevelLimits {
  /** 1: it rings above the limit; -1: below. */
  readonly side: 1 | -1;
  readonly limit: number;
  /** Not farther out than `limit`. Between the two nothing changes. */
  readonly clear: number;
  /** How long it must have been beyond `limit`, and how long at or within `clear`, in ms. */
  readonly forMs: number;
  readonly clearForMs: number;
  /** Readings farther apart than this say nothing of the time between them; null: no interval is declared. */
  readonly gapMsMax: number | null;
}

export interface LevelState {
  readonly active: boolean;
  /** Time of the newest reading; null before the first. */
  readonly at: number | null;
  /** Since when the readings have pointed to the other state; null while they do not. */
  readonly since: number | null;
  /** Farthest value since then, while it is not active; since it was raised, while it is. */
  readonly worst: number | null;
}

export interface LevelReading {
  /** ms since 1970. */
  readonly t: number;
  readonly v: number;
  /** False outside the hours of the rule: such a reading counts as within all limits. */
  readonly applies: boolean;
}

export const CALM: LevelState = { active: false, at: null, since: null, worst: null };

/**
 * One reading. One that is older than the newest is late: it changes nothing, for what it would have changed is past.
 * One of the same time as the newest is a correction and is taken. `change` is null when the state stays.
 */
export function level(
  limits: LevelLimits,
  state: LevelState,
  { t, v, applies }: LevelReading,
): { readonly state: LevelState; readonly change: Change | null; readonly late: boolean } {
  if (state.at !== null && t < state.at) return { state, change: null, late: true };
  const { side, limit, clear } = limits;
  const beyond = applies && side * v > side * limit;
  const calm = !applies || side * v <= side * clear;
  const gap = state.at !== null && limits.gapMsMax !== null && t - state.at > limits.gapMsMax;
  const running = gap ? null : state.since;
  const farther = (worst: number | null): number =>
    worst === null || (applies && side * v > side * worst) ? v : worst;

  const toward = state.active ? calm : beyond;
  if (!toward) {
    const worst = state.active ? farther(state.worst) : null;
    return {
      state: { active: state.active, at: t, since: null, worst },
      change: null,
      late: false,
    };
  }
  const since = running ?? t;
  const worst = state.active
    ? farther(state.worst)
    : farther(running === null ? null : state.worst);
  if (t - since < (state.active ? limits.clearForMs : limits.forMs))
    return { state: { active: state.active, at: t, since, worst }, change: null, late: false };
  return {
    state: { active: !state.active, at: t, since: null, worst: state.active ? null : worst },
    change: { kind: state.active ? "cleared" : "raised", at: t, since, value: v, worst },
    late: false,
  };
}
