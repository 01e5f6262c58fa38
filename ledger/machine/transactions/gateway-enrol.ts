// gateway.enrol: a gateway, the key that signs its transactions and the key that signs its log, which are two (one key, one purpose).

import { emptyRoot, equal } from "@muniment/core";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { GatewayRecord } from "../records.ts";
import { enrolKey, unusedKid } from "../registry/key-life.ts";
import { stateKey } from "../state-keys.ts";

export function gatewayEnrol(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const { state } = context;
  const body = new Body(context.transaction.body);
  const id = body.id("gateway");
  const building = body.id("building");
  const key = body.publicKey("key");
  const logKey = body.publicKey("logKey");
  body.end();
  if (state.gateway(id) !== null) throw new Refusal("registry.exists", `gateway ${id}`);
  if (state.building(building) === null) throw new Refusal("registry.unknown-building", building);
  if (equal(key, logKey)) throw new Refusal("registry.key-in-use", "key and logKey are the same");
  unusedKid(context, logKey);
  return { id, building, key, kid: unusedKid(context, key), logKey };
}

function apply(
  context: Context,
  { id, building, key, kid, logKey }: ReturnType<typeof check>,
): void {
  const { state } = context;
  const record: GatewayRecord = {
    building,
    kid,
    logKey,
    origin: `${state.ledger().origin}/gw/${id}`,
    generation: 0,
    size: 0,
    root: emptyRoot(),
    status: "active",
    registry: 0,
    anchors: 0,
  };
  state.put(stateKey.gateway(id), record);
  enrolKey(context, kid, { role: "gateway", subject: id, key, building });
}
