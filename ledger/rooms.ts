// The rooms of a node on its data folder, opened in their order and closed in the opposite one; nothing listens yet.

import { join } from "node:path";
import type { Signer } from "@muniment/core";
import { SealingKeys } from "@muniment/core/files";
import type { Archive } from "./archive/archive.ts";
import { Bodies } from "./archive/bodies.ts";
import { civilDayEnd } from "./archive/civil-day.ts";
import { openArchive } from "./archive/directory-archive.ts";
import { openDiskStorage } from "./archive/disk-storage.ts";
import type { NodeConfig } from "./config.ts";
import type { Consensus } from "./consensus/consensus.ts";
import { openSolo } from "./consensus/open-solo.ts";
import { AnchorIndex } from "./evidence/anchor-index.ts";
import { readAnchor } from "./evidence/anchored.ts";
import { archiveName, loadOrFound } from "./founding.ts";
import { Intake } from "./intake/intake.ts";
import type { Clock } from "./ports.ts";
import { personsByDay } from "./read-model/queries/persons.ts";
import { createReadModel, type ReadModel } from "./read-model/read-model.ts";
import { Retention } from "./retention/retention.ts";

export interface Rooms {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly anchors: AnchorIndex;
  readonly intake: Intake;
  readonly readModel: ReadModel;
  readonly retention: Retention;
  /** Finishes what was accepted, and lets go of every file. */
  close(): Promise<void>;
}

/**
 * Opens the rooms; the first time founds the ledger. What was anchored but not yet served when the last run ended is published, and
 * what was disposed of is destroyed, before anything can be asked. Dispositions are signed with the node's own key unless another is
 * given. Errors: LedgerError.
 */
export async function openRooms(
  config: NodeConfig,
  clock: Clock,
  archivist?: Signer,
): Promise<Rooms> {
  const directory = join(config.data, "ledger");
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one();
  };

  try {
    const { genesis, document, validator, keys } = await loadOrFound(
      config.data,
      config.origin,
      clock.now(),
    );
    const consensus = await openSolo({ directory, genesis, keys, clock });
    opened.push(() => consensus.close());

    const bodies = await Bodies.open(
      join(directory, "bodies"),
      new SealingKeys(join(config.data, "keys", "bodies")),
    );
    opened.push(() => bodies.close());
    const archive = await openArchive({
      storage: openDiskStorage(join(directory, "archive")),
      bodies,
      signer: keys.archive,
      name: archiveName(document.origin, validator),
    });

    const anchors = await AnchorIndex.open(consensus, join(directory, "anchors"));
    opened.push(() => anchors.close());
    const intake = new Intake({
      consensus,
      archive,
      clock,
      anchoredAt: async (gateway, size) => {
        const index = await anchors.at(gateway, size);
        return index === null ? null : readAnchor(consensus, index);
      },
    });
    opened.push(() => intake.close());
    await intake.recover();

    const retention = new Retention({
      consensus,
      archive,
      bodies,
      clock,
      signer: archivist ?? keys.archivist,
      persons: async ({ building, date }) => {
        await readModel.caughtUp();
        const registry = readModel.registry();
        const end = civilDayEnd(registry.buildings.get(building)?.zone ?? "UTC", date);
        const period = { from: end - 1, to: end };
        const [day] = await personsByDay(readModel.store, registry, building, period);
        return day?.persons ?? null;
      },
      whileIdle: (gateway, work) => intake.whileIdle(gateway, work),
    });
    opened.push(() => retention.settled());
    // A folder from a backup may hold what is disposed of: it goes before anyone can ask.
    await retention.apply();

    const readModel = await createReadModel({
      consensus,
      archive,
      path: join(directory, "read-model.duckdb"),
    });
    opened.push(() => readModel.close());
    return { consensus, archive, anchors, intake, readModel, retention, close };
  } catch (error) {
    await close();
    throw error;
  }
}
