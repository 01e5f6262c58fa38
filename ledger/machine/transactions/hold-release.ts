// hold.release: a legal hold ends; the retention clock counts again.

import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import { stateKey } from "../state-keys.ts";

export function holdRelease(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const body = new Body(context.transaction.body);
  const id = body.id("hold");
  body.end();
  const hold = context.state.hold(id);
  if (hold === null || hold.released !== undefined) throw new Refusal("hold.unknown", id);
  return { id, hold };
}

function apply({ state, index }: Context, { id, hold }: ReturnType<typeof check>): void {
  state.put(stateKey.hold(id), { ...hold, released: index });
  state.put(
    stateKey.holds(hold.building),
    state.holds(hold.building).filter((other) => other !== id),
  );
}
