// A period cut where a policy changes (D11): what was in force when.

import type { Period } from "../period.ts";
import type { PolicyValue, Registry } from "../registry.ts";

export interface PolicySpan extends Period {
  /** Null before the first value. */
  readonly policy: PolicyValue | null;
}

/** The spans of a period in order, each under one value of the policy. */
export function policySpans(
  registry: Registry,
  name: string,
  { from, to }: Period,
): readonly PolicySpan[] {
  const values = registry.policies.get(name) ?? [];
  const cuts = values.map((value) => value.from).filter((at) => at > from && at < to);
  const starts = [...new Set([from, ...cuts])];
  return starts.map((start, i) => ({
    from: start,
    to: starts[i + 1] ?? to,
    policy: registry.policyAt(name, start),
  }));
}
