// hold.place: a legal hold; while it is in force, nothing of these days is deleted, whatever the retention clock says.

import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { HoldRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

/** Holds in force over one building. */
const HOLDS_MAX = 256;

export function holdPlace(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const { state } = context;
  const body = new Body(context.transaction.body);
  const id = body.id("hold");
  const building = body.id("building");
  const from = body.date("from");
  const until = body.optional("to", (name) => body.date(name));
  const reason = body.text("reason", 500);
  body.end();
  if (until.to !== undefined && until.to < from)
    throw new Refusal("registry.body", `to: expected ${from} or later, found ${until.to}`);
  if (state.building(building) === null) throw new Refusal("registry.unknown-building", building);
  if (state.hold(id) !== null) throw new Refusal("registry.exists", `hold ${id}`);
  const holds = state.holds(building);
  if (holds.length === HOLDS_MAX) throw new Refusal("hold.full", String(HOLDS_MAX));
  return { id, holds, hold: { building, from, ...until, reason } };
}

function apply({ state, index }: Context, { id, holds, hold }: ReturnType<typeof check>): void {
  state.put(stateKey.hold(id), { ...hold, entry: index } satisfies HoldRecord);
  state.put(stateKey.holds(hold.building), [...holds, id]);
}
