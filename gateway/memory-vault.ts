// A vault in memory, for tests and simulation: its keys can be destroyed, and seal what comes after under a new one.

import { randomBytes } from "node:crypto";
import { type SealingKey, sealingKey } from "@muniment/core/files";
import type { Vault } from "./ports.ts";

/** A vault with one key; `destroy` takes it away and makes another. */
export function memoryVault(): Vault & { destroy(): void } {
  let key: SealingKey = sealingKey("memory", randomBytes(32));
  return {
    seal: (bytes) => key.seal(bytes),
    open: (sealed) => key.open(sealed),
    destroy() {
      key = sealingKey("memory", randomBytes(32));
    },
  };
}
