// Leaf 0 of a gateway's log: who this log speaks for, signed by the gateway itself (F3).

import { encode, encodeSign1, HEADER, keyThumbprint, type Signer } from "@muniment/core";

/** Content type of the statement in its protected header. */
export const GENESIS_TYPE = "application/vnd.muniment.gateway-genesis+cbor";

/** The bytes of leaf 0. The same keys and names always give the same bytes. */
export function gatewayGenesis(of: {
  readonly gateway: string;
  readonly building: string;
  readonly origin: string;
  readonly signer: Signer;
  readonly logKey: Uint8Array;
}): Uint8Array {
  const { gateway, building, origin, signer, logKey } = of;
  return encodeSign1({
    header: new Map<number, string | Uint8Array>([
      [HEADER.contentType, GENESIS_TYPE],
      [HEADER.keyId, keyThumbprint(signer.publicKey)],
    ]),
    payload: encode({ gateway, building, key: signer.publicKey, logKey, origin }),
    signer,
  });
}
