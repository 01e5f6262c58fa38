// The hash over the whole state that every 10,000th leaf carries (F5).

import { createHash } from "node:crypto";
import { asHash32, encode, type Hash32 } from "@muniment/core";

/** SHA-256 over the deterministic CBOR [key, value] of every state key, one after the other, in byte order of the keys. */
export async function stateHash(
  state:
    | AsyncIterable<readonly [key: string, value: Uint8Array]>
    | Iterable<readonly [key: string, value: Uint8Array]>,
): Promise<Hash32> {
  const hash = createHash("sha256");
  for await (const pair of state) hash.update(encode(pair));
  return asHash32(new Uint8Array(hash.digest()));
}
