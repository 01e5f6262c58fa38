// Names that stay the same: UUID version 5, made from a name (RFC 9562 5.5).

import { createHash } from "node:crypto";
import { fromHex, toHex, utf8 } from "@muniment/core";

/** Namespace of names that are web addresses (RFC 9562 6.6). */
const URL_NAMESPACE = fromHex("6ba7b8119dad11d180b400c04fd430c8");

/** The UUID of a web address, whoever computes it and whenever. */
export function uuidOf(url: string, namespace: Uint8Array = URL_NAMESPACE): string {
  const hash = createHash("sha1").update(namespace).update(utf8(url)).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = toHex(hash);
  return [0, 8, 12, 16, 20].map((at, i, all) => hex.slice(at, all[i + 1])).join("-");
}
