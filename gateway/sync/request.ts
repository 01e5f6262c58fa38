// The bytes of one delivery: a batch with its bodies and the signed anchor (FORMAT, `POST /gateways/<id>/entries`; F4).

import { buildTransaction, encode, encodeEntries, type Signer } from "@muniment/core";
import type { Batch } from "../log/log.ts";

/** What is sent of one batch. The same batch always gives the same bytes, so that sending again is idempotent. */
export function batchRequest(
  batch: Batch,
  entries: readonly Uint8Array[],
  bodies: readonly Uint8Array[],
  by: { readonly gateway: string; readonly ledger: string; readonly signer: Signer },
): Uint8Array {
  const { checkpoint, proof, size } = batch;
  const anchor = buildTransaction({
    ledger: by.ledger,
    kind: "anchor",
    sequence: size,
    body: { gateway: by.gateway, checkpoint, proof },
    signer: by.signer,
  });
  return encode({
    checkpoint,
    from: batch.from,
    entries: encodeEntries(entries),
    bodies,
    proof,
    anchor,
  });
}
