// Door events without personal data: the badge becomes an HMAC under a key that lives for one period and is then destroyed (F2, D8).
import { createHmac, randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type SenmlRecord, utf8 } from "@muniment/core";
import { isMissing, makeDirectory, syncDirectory, writeDurably } from "@muniment/core/files";
import type { Crossing } from "./world/building.ts";
import { wallTimeAt, type Zone } from "./zone.ts";

const credentialBytes = 16;
const saltBytes = 16;
const keyBytes = 32;

/** Keys of one building, a file each, named by the local month they serve: no day falls in two periods. */
export interface PeriodKeys {
  /** The pseudonym of a badge at a time: equal within the period, not linkable across two. */
  pseudonym(credential: string, time: number): Promise<Uint8Array>;
  /** Destroys the keys of every period that ended before the time. */
  destroyBefore(time: number): Promise<void>;
}

/** Opens the folder of a building's period keys; `here` is the building's zone. */
export async function openPeriodKeys(directory: string, here: Zone): Promise<PeriodKeys> {
  await makeDirectory(directory);
  const periodOf = (time: number): string => {
    const { year, month } = wallTimeAt(here, time);
    return `${year}-${String(month).padStart(2, "0")}`;
  };
  const keys = new Map<string, Promise<Uint8Array>>();

  /** One promise a period: two readers at the turn of a month must not make two keys. */
  const keyOf = (period: string): Promise<Uint8Array> => {
    let key = keys.get(period);
    if (key === undefined) {
      key = loadOrMake(join(directory, `${period}.key`));
      keys.set(period, key);
    }
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
  crossing: Pick<Crossing, "time" | "direction">,
  credential: string,
): Promise<{ readonly records: readonly SenmlRecord[]; readonly salt: Uint8Array }> {
  const { time, direction } = crossing;
  return {
    records: [{ name: direction, value: await keys.pseudonym(credential, time), time }],
    salt: randomBytes(saltBytes),
  };
}

async function loadOrMake(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const key = randomBytes(keyBytes);
    await writeDurably(path, key, 0o600);
    return key;
  }
}
