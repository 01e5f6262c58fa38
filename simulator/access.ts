// Door events without personal data: the badge becomes an HMAC under a key that lives for one period and is then destroyed (F2, D8).
import { createHmac, randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type SenmlRecord, utf8 } from "@muniment/core";
import { makeDirectory, syncDirectory, writeDurably } from "@muniment/core/files";
import type { Crossing } from "./building.ts";

const credentialBytes = 16;
const saltBytes = 16;
const keyBytes = 32;

/** Keys of one building, a file each, named by the month they serve (UTC). */
export interface PeriodKeys {
  /** The pseudonym of a badge at a time: equal within the period, not linkable across two. */
  pseudonym(credential: string, time: number): Promise<Uint8Array>;
  /** Destroys the keys of every period that ended before the time. */
  destroyBefore(time: number): Promise<void>;
}

/** Opens the folder of a building's period keys. */
export async function openPeriodKeys(directory: string): Promise<PeriodKeys> {
  await makeDirectory(directory);
  const keys = new Map<string, Uint8Array>();

  const keyOf = async (period: string): Promise<Uint8Array> => {
    let key = keys.get(period);
    if (key !== undefined) return key;
    const path = join(directory, `${period}.key`);
    try {
      key = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      key = randomBytes(keyBytes);
      await writeDurably(path, key, 0o600);
    }
    keys.set(period, key);
    return key;
  };

  return {
    pseudonym: async (credential, time) =>
      createHmac("sha256", await keyOf(periodOf(time)))
        .update(utf8(credential))
        .digest()
        .subarray(0, credentialBytes),
    async destroyBefore(time) {
      const current = periodOf(time);
      let destroyed = false;
      for (const name of await readdir(directory)) {
        if (!name.endsWith(".key") || name.slice(0, -4) >= current) continue;
        await rm(join(directory, name));
        keys.delete(name.slice(0, -4));
        destroyed = true;
      }
      if (destroyed) await syncDirectory(directory);
    },
  };
}

/** The records of a door event, and the fresh salt that keeps them from being guessed. */
export async function accessRecords(
  keys: PeriodKeys,
  crossing: Crossing,
  credential: string,
): Promise<{ readonly records: readonly SenmlRecord[]; readonly salt: Uint8Array }> {
  const { time, direction } = crossing;
  return {
    records: [{ name: direction, value: await keys.pseudonym(credential, time), time }],
    salt: randomBytes(saltBytes),
  };
}

function periodOf(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 7);
}
