// Solo consensus in a folder: state/ (LevelDB), log/ (tiles and checkpoint), keys/ (the record of what was signed).

import { join } from "node:path";
import { makeDirectory } from "@muniment/core/files";
import { type Clock, systemClock } from "../ports.ts";
import type { SigningKeys } from "./checkpoint-signer.ts";
import type { Consensus } from "./consensus.ts";
import { openDiskFiles } from "./disk-files.ts";
import { Solo } from "./solo.ts";
import { openStateStore } from "./state-store.ts";
import type { QueueLimits } from "./transaction-queue.ts";

export interface SoloConfig {
  /** The ledger's folder, such as `data/ledger`. */
  readonly directory: string;
  readonly genesis: Uint8Array;
  readonly keys: SigningKeys;
  readonly clock?: Clock;
  readonly limits?: Partial<QueueLimits>;
}

/** Opens the ledger of a folder, or begins it with the genesis document. Errors: as Solo.open(). */
export async function openSolo({
  directory,
  genesis,
  keys,
  clock = systemClock,
  limits = {},
}: SoloConfig): Promise<Consensus> {
  await makeDirectory(directory);
  const store = await openStateStore(join(directory, "state"));
  try {
    const logFiles = openDiskFiles(join(directory, "log"));
    const signerFiles = openDiskFiles(join(directory, "keys"));
    return await Solo.open({ genesis, keys, store, logFiles, signerFiles, clock, limits });
  } catch (error) {
    await store.close();
    throw error;
  }
}
