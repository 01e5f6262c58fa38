// The archive in directories: stage, then publish after the anchor committed; either may be cut short anywhere and run again (D5, rule "write order").

import {
  addSignature,
  cosign,
  parseCheckpoint,
  parseNote,
  readEntries,
  type Signer,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { Archive, BatchId, StagedBatch } from "./archive.ts";
import type { Bodies } from "./bodies.ts";
import { GatewayLog } from "./gateway-log.ts";
import { Staging } from "./staging.ts";
import type { ArchiveStorage } from "./storage.ts";

export interface ArchiveParts {
  readonly storage: ArchiveStorage;
  readonly bodies: Bodies;
  /** The archive's own cosigner key (one key, one purpose) and the name it signs under. */
  readonly signer: Signer;
  readonly name: string;
}

/** Opens the archive and reads each gateway's checkpoint. */
export async function openArchive({
  storage,
  bodies,
  signer,
  name,
}: ArchiveParts): Promise<Archive> {
  const staging = new Staging(storage);
  const logs = new Map<string, GatewayLog>();
  const turns = new Map<string, Promise<void>>();
  const listeners = new Set<(gateway: string, size: number) => void>();
  for (const gateway of await storage.list(""))
    logs.set(gateway, await GatewayLog.open(storage, gateway));

  /** Publications of one gateway run one after the other. */
  function inTurn(gateway: string, work: () => Promise<void>): Promise<void> {
    const turn = (turns.get(gateway) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined);
    turns.set(gateway, settled);
    void settled.then(() => {
      if (turns.get(gateway) === settled) turns.delete(gateway);
    });
    return turn;
  }

  async function stage(batch: StagedBatch): Promise<void> {
    await bodies.add(batch.bodies);
    // Die here: bodies of no batch. They are replaced when it comes again, and destroyed with their day if it does not.
    await staging.write(batch);
  }

  async function publish({ gateway, size, root }: BatchId, anchoredAt: number): Promise<void> {
    const log = logs.get(gateway) ?? (await GatewayLog.open(storage, gateway));
    const batch = await staging.read({ gateway, size, root });
    if (log.size < size) {
      if (batch === null) throw new LedgerError("archive.not-staged", `${gateway} at size ${size}`);
      if (batch.from !== log.size)
        throw new LedgerError("archive.range", `${gateway} holds ${log.size}, not ${batch.from}`);
      await log.append(
        batch.entries,
        addSignature(batch.checkpoint, line(batch.checkpoint, anchoredAt)),
      );
      logs.set(gateway, log);
    }
    // Die here: published, with leftovers. The batch stays staged, so that recovery comes this way again.
    if (batch !== null) await log.tidy(batch.from);
    await staging.remove((await staging.list(gateway)).filter((other) => other.size <= log.size));
    for (const listener of listeners) listener(gateway, log.size);
  }

  function line(note: string, anchoredAt: number): string {
    return cosign(note, { name, signer, time: Math.floor(anchoredAt / 1000) });
  }

  return {
    stage,

    async staged(only) {
      const all: BatchId[] = [];
      for (const gateway of only === undefined ? await storage.list("") : [only])
        all.push(...(await staging.list(gateway)));
      return all;
    },

    drop: (batch) => staging.remove([batch]),

    publish: (gateway, size, root, anchoredAt) =>
      inTurn(gateway, () => publish({ gateway, size, root }, anchoredAt)),

    onPublish(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    size: (gateway) => logs.get(gateway)?.size ?? 0,

    async entries(gateway, from, to) {
      const log = logs.get(gateway);
      if (log === undefined || to > log.size || from > to) {
        throw new LedgerError(
          "archive.range",
          `entries ${from} to ${to} of ${log?.size ?? 0} of ${gateway}`,
        );
      }
      return readEntries(from, to, log.size, (path) => log.readTile(path));
    },

    body: async (place) =>
      place.index < (logs.get(place.gateway)?.size ?? 0) ? bodies.read(place) : null,
    withheldBy: (place) => bodies.withheldBy(place),
    readTile: async (gateway, path) => (await logs.get(gateway)?.readTile(path)) ?? null,
    checkpoint: async (gateway) => logs.get(gateway)?.checkpoint ?? null,

    cosign(gateway, note, anchoredAt) {
      const { size } = parseCheckpoint(parseNote(note).text);
      return size <= (logs.get(gateway)?.size ?? 0)
        ? addSignature(note, line(note, anchoredAt))
        : null;
    },

    close: () => bodies.close(),
  };
}
