// policy.set: the next value of a policy, with the time from which it holds and the source that says so (D11).

import { retentionDays } from "@muniment/core";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { PolicyRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

/** Values of one policy. */
const VALUES_MAX = 1_024;
const VALUE_BYTES_MAX = 4_096;
const NAME = /^[a-z0-9.-]{1,64}$/;

export function policySet(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const body = new Body(context.transaction.body);
  const name = body.pattern("name", NAME, "1 to 64 of a-z, 0-9, . and -");
  const from = body.uint("from", 0, Number.MAX_SAFE_INTEGER);
  const value = body.value("value", VALUE_BYTES_MAX);
  const citation = body.text("citation", 500);
  body.end();
  // A retention clock that nothing can read would keep everything for ever, unnoticed.
  if (name.startsWith("retention.") && retentionDays(value) === null)
    throw new Refusal("policy.value", "expected { days: 1 to 36525 }");
  const before = context.state.policy(name);
  const last = before.at(-1);
  if (last !== undefined && from < last.from)
    throw new Refusal("policy.order", `${from} after ${last.from}`);
  if (before.length === VALUES_MAX) throw new Refusal("policy.full", String(VALUES_MAX));
  return { name, record: [...before, { from, value, citation }] satisfies PolicyRecord };
}

function apply({ state }: Context, { name, record }: ReturnType<typeof check>): void {
  state.put(stateKey.policy(name), record);
}
