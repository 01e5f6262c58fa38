// A key's life: enrolled → active → rotated or revoked, with the height from which each holds.

import { concat, type Hash32, keyThumbprint, utf8 } from "@muniment/core";
import { Refusal } from "../codes.ts";
import type { Context } from "../context.ts";
import type { KeyRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

/** Thumbprint of a key that no one has enrolled before, in whatever role; else `registry.key-in-use`. */
export function unusedKid({ state }: Context, key: Uint8Array): Hash32 {
  const kid = keyThumbprint(key);
  const holder = state.key(kid);
  if (holder !== null)
    throw new Refusal("registry.key-in-use", `by ${holder.role} ${holder.subject}`);
  return kid;
}

/** Makes a key active from this height. */
export function enrolKey(
  { state, height, index }: Context,
  kid: Uint8Array,
  holder: Pick<KeyRecord, "role" | "subject" | "key" | "building">,
): void {
  const record: KeyRecord = {
    ...holder,
    status: "active",
    from: height,
    until: null,
    entry: index,
  };
  state.put(stateKey.key(kid), record);
}

/** Ends a key at this height. */
export function endKey(
  { state, height }: Context,
  kid: Uint8Array,
  key: KeyRecord,
  status: "revoked" | "rotated",
): void {
  state.put(stateKey.key(kid), { ...key, status, until: height });
}

/** The active key that a transaction wants to change; else `registry.unknown-key` or `registry.not-active`. */
export function activeKey({ state }: Context, kid: Uint8Array): KeyRecord {
  const key = state.key(kid);
  if (key === null) throw new Refusal("registry.unknown-key");
  if (key.status !== "active") throw new Refusal("registry.not-active", key.status);
  return key;
}

/** What a new key signs to show that its holder wants it to replace the old one. */
export function rotationMessage(kid: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(utf8("muniment key.rotate\n"), kid, key);
}
