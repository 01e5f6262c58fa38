// key.revoke: an active key ends, and nothing takes its place.

import { equal } from "@muniment/core";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import { appendToFeed } from "../registry/feed.ts";
import { activeKey, endKey } from "../registry/key-life.ts";
import { stateKey } from "../state-keys.ts";

export function keyRevoke(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const body = new Body(context.transaction.body);
  const kid = body.bytes("kid", 32);
  body.text("reason", 500);
  body.end();
  const key = activeKey(context, kid);
  const operators = context.state.operators();
  if (key.role === "operator" && operators.length === 1)
    throw new Refusal("registry.last-operator");
  return { kid, key, operators };
}

function apply(context: Context, { kid, key, operators }: ReturnType<typeof check>): void {
  const { state } = context;
  endKey(context, kid, key, "revoked");
  if (key.role === "operator") {
    state.put(
      stateKey.operators,
      operators.filter((operator) => !equal(operator, kid)),
    );
  }
  if (key.role === "device") {
    appendToFeed(context, key.subject, state.device(key.subject)!, {
      kid,
      key: key.key,
      status: "revoked",
    });
  }
}
