// key.rotate: a new key takes the place of an active one; both, or an operator and the new one, have signed.

import { equal, verify } from "@muniment/core";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import type { Context } from "../context.ts";
import { appendToFeed } from "../registry/feed.ts";
import { activeKey, endKey, enrolKey, rotationMessage, unusedKid } from "../registry/key-life.ts";
import { stateKey } from "../state-keys.ts";

export function keyRotate(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  const body = new Body(context.transaction.body);
  const oldKid = body.bytes("kid", 32);
  const key = body.publicKey("key");
  const proof = body.bytes("proof", 64);
  body.end();
  if (context.signer.role !== "operator" && !equal(context.kid, oldKid)) {
    throw new Refusal("tx.not-permitted", "expected an operator or the key itself");
  }
  const old = activeKey(context, oldKid);
  const kid = unusedKid(context, key);
  if (!verify(key, rotationMessage(oldKid, key), proof)) throw new Refusal("registry.proof");
  return { oldKid, old, kid, key };
}

function apply(context: Context, { oldKid, old, kid, key }: ReturnType<typeof check>): void {
  const { state } = context;
  const { role, subject, building } = old;
  endKey(context, oldKid, old, "rotated");
  enrolKey(context, kid, { role, subject, key, building });
  switch (role) {
    case "operator":
      state.put(
        stateKey.operators,
        state.operators().map((operator) => (equal(operator, oldKid) ? kid : operator)),
      );
      return;
    case "archivist":
      return; // nothing else names its key
    case "gateway":
      state.put(stateKey.gateway(subject), { ...state.gateway(subject)!, kid });
      return;
    case "device": {
      const device = { ...state.device(subject)!, kid };
      state.put(stateKey.device(subject), device);
      // Two steps, so that a reader of the feed needs no rule about rotation to know that the old key has ended.
      appendToFeed(context, subject, device, { kid: oldKid, key: old.key, status: "rotated" });
      appendToFeed(context, subject, device, { kid, key, status: "active" });
    }
  }
}
