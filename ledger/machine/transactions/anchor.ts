// anchor: a gateway's signed checkpoint, proven to extend the one anchored before (D5, F3).

import { verifyConsistency } from "@muniment/core";
import { openGatewayCheckpoint } from "../anchors/gateway-checkpoint.ts";
import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { AnchorRecord, GatewayRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

/** A consistency proof of any tree below 2^53 leaves is shorter. */
const PROOF_HASHES_MAX = 64;

export function anchor(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "gateway");
  const { state, signer, transaction } = context;
  const body = new Body(transaction.body);
  const id = body.id("gateway");
  const note = body.note("checkpoint");
  const proof = body.hashes("proof", PROOF_HASHES_MAX);
  body.end();
  const gateway = state.gateway(id);
  if (gateway === null) throw new Refusal("anchor.unknown-gateway", id);
  if (signer.subject !== id)
    throw new Refusal("tx.not-permitted", `${signer.subject} cannot anchor for ${id}`);
  if (gateway.status === "suspended") throw new Refusal("anchor.suspended", id);
  const { size, root } = openGatewayCheckpoint(gateway, note, "anchor.signature");
  if (transaction.sequence !== size)
    throw new Refusal("anchor.sequence", `expected ${size}, found ${transaction.sequence}`);
  if (size <= gateway.size) throw new Refusal("anchor.not-larger", `${size} after ${gateway.size}`);
  // The first anchor extends nothing, and the RFC has no proof from the empty tree.
  const consistent =
    gateway.size === 0
      ? proof.length === 0
      : verifyConsistency({
          size1: gateway.size,
          size2: size,
          root1: gateway.root,
          root2: root,
          proof,
        });
  if (!consistent) throw new Refusal("anchor.inconsistent", `from ${gateway.size} to ${size}`);
  return { id, gateway, size, root };
}

function apply(
  { state, height, time, index }: Context,
  { id, gateway, size, root }: ReturnType<typeof check>,
): void {
  const n = gateway.anchors + 1;
  const { registry } = state.building(gateway.building)!;
  state.put(stateKey.gateway(id), {
    ...gateway,
    size,
    root,
    registry,
    anchors: n,
  } satisfies GatewayRecord);
  state.put(stateKey.anchor(id, n), {
    n,
    size,
    root,
    height,
    time,
    entry: index,
  } satisfies AnchorRecord);
}
