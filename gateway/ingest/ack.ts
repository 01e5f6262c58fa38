// The gateway's signed word on one message, for devices that want a reason (F8 down/ack, life of a reading 4).

import {
  type Encodable,
  encode,
  encodeSign1,
  HEADER,
  keyThumbprint,
  type Signer,
} from "@muniment/core";
import type { Result } from "./results.ts";

export const ACK_CONTENT_TYPE = "application/vnd.muniment.ack+cbor";

export interface Ack {
  /** Sequence of the statement; null when it could not be read. */
  readonly seq: number | null;
  /** admitted, late, duplicate, or why it lies in quarantine. */
  readonly result: Result;
  /** Leaf hash of the statement, or of the whole message when it could not be read. */
  readonly hash: Uint8Array;
  /** Second since 1970 by which the statement will be in the log; null when it will not. */
  readonly inLogBy: number | null;
}

/** COSE_Sign1 by the gateway's key over the deterministic CBOR map {hash, inLogBy, result, seq}. */
export function encodeAck({ seq, result, hash, inLogBy }: Ack, signer: Signer): Uint8Array {
  const header = new Map<number, Encodable>([
    [HEADER.contentType, ACK_CONTENT_TYPE],
    [HEADER.keyId, keyThumbprint(signer.publicKey)],
  ]);
  return encodeSign1({ header, payload: encode({ seq, result, hash, inLogBy }), signer });
}
