// equivocation: two signed checkpoints of one size with two roots. Anyone enrolled may show them; the gateway is suspended.

import { equal } from "@muniment/core";
import { openGatewayCheckpoint } from "../anchors/gateway-checkpoint.ts";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import type { Context } from "../context.ts";
import { stateKey } from "../state-keys.ts";

export function equivocation(context: Context): void {
  apply(context, check(context));
}

function check({ state, transaction }: Context) {
  const body = new Body(transaction.body);
  const id = body.id("gateway");
  const notes = body.list("notes", 2);
  body.end();
  const [first, second] = notes;
  if (typeof first !== "string" || typeof second !== "string")
    throw new Refusal("registry.body", "notes: expected two texts");
  const gateway = state.gateway(id);
  if (gateway === null) throw new Refusal("anchor.unknown-gateway", id);
  if (gateway.status === "suspended") throw new Refusal("anchor.suspended", id);
  const one = openGatewayCheckpoint(gateway, first, "equivocation.signature");
  const other = openGatewayCheckpoint(gateway, second, "equivocation.signature");
  if (one.size !== other.size || equal(one.root, other.root))
    throw new Refusal("equivocation.same");
  return { id, gateway };
}

function apply({ state }: Context, { id, gateway }: ReturnType<typeof check>): void {
  state.put(stateKey.gateway(id), { ...gateway, status: "suspended" });
}
