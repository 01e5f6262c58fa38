// The gateway's signed word on what time it is, for devices that have no better clock (FORMAT 8, down/time).

import {
  type Encodable,
  encode,
  encodeSign1,
  HEADER,
  keyThumbprint,
  type Signer,
} from "@muniment/core";

export const TIME_CONTENT_TYPE = "application/vnd.muniment.time+cbor";

/** COSE_Sign1 by the gateway's key over the deterministic CBOR map {time}, in milliseconds since 1970. */
export function encodeTime(time: number, signer: Signer): Uint8Array {
  const header = new Map<number, Encodable>([
    [HEADER.contentType, TIME_CONTENT_TYPE],
    [HEADER.keyId, keyThumbprint(signer.publicKey)],
  ]);
  return encodeSign1({ header, payload: encode({ time }), signer });
}
