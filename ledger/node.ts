// A ledger node, put together: identity, consensus, archive, intake, read model, server; closed in the opposite order.

import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { isLoopback } from "./api/access.ts";
import { createServer } from "./api/server.ts";
import { Bodies } from "./archive/bodies.ts";
import { openArchive } from "./archive/directory-archive.ts";
import { openDiskStorage } from "./archive/disk-storage.ts";
import { loadAccessToken, loadConfig, type NodeSettings } from "./config.ts";
import type { Consensus } from "./consensus/consensus.ts";
import { openSolo } from "./consensus/open-solo.ts";
import { AnchorIndex } from "./evidence/anchor-index.ts";
import { readAnchor } from "./evidence/anchored.ts";
import { archiveName, loadOrFound } from "./founding.ts";
import { Intake } from "./intake/intake.ts";
import { type Clock, systemClock } from "./ports.ts";
import { createReadModel } from "./read-model/read-model.ts";

/** A running node. */
export interface LedgerNode {
  /** Where it answers, such as `http://127.0.0.1:8480`. */
  readonly url: string;
  readonly consensus: Consensus;
  /** Resolves when everything committed so far is visible to queries. */
  caughtUp(): Promise<void>;
  /** Answers nothing more, finishes what was accepted, and lets go of every file. */
  close(): Promise<void>;
}

/**
 * Starts a node on its data folder; the first start founds the ledger. What was anchored but not yet served when the
 * last run ended is published before the node listens. Errors: LedgerError; the port's own when it is taken.
 */
export async function createNode(
  settings: NodeSettings = {},
  environment: NodeJS.ProcessEnv = process.env,
  clock: Clock = systemClock,
): Promise<LedgerNode> {
  const config = await loadConfig(settings, environment);
  const accessToken = await loadAccessToken(config.accessTokenFile);
  const logger = pino({ name: "ledger", level: config.logLevel }, pino.destination(2));
  const directory = join(config.data, "ledger");
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };

  try {
    const { genesis, document, validator, keys } = await loadOrFound(
      config.data,
      config.origin,
      clock.now(),
    );
    const consensus = await openSolo({ directory, genesis, keys, clock });
    opened.push(() => consensus.close());

    const archive = await openArchive({
      storage: openDiskStorage(join(directory, "archive")),
      bodies: await Bodies.open(join(directory, "bodies")),
      signer: keys.archive,
      name: archiveName(document.origin, validator),
    });
    opened.push(() => archive.close());

    const anchors = await AnchorIndex.open(consensus, join(directory, "anchors"));
    opened.push(() => anchors.close());
    const intake = new Intake({
      consensus,
      archive,
      anchoredAt: async (gateway, size) => {
        const index = await anchors.at(gateway, size);
        return index === null ? null : readAnchor(consensus, index);
      },
    });
    opened.push(() => intake.close());
    await intake.recover();

    const readModel = await createReadModel({
      consensus,
      archive,
      path: join(directory, "read-model.duckdb"),
    });
    opened.push(() => readModel.close());

    const server = await createServer({
      consensus,
      archive,
      anchors,
      intake,
      readModel,
      config: {
        host: config.host,
        accessToken,
        requestsPerMinuteMax: config.requestsPerMinuteMax,
        pages: config.pages ?? PAGES,
        logger,
      },
    });
    // What is in flight gets its outcome before the connections are cut.
    opened.push(async () => {
      await intake.close();
      await server.close();
    });
    await server.listen({ host: config.host, port: config.port });
    if (!isLoopback(config.host) && accessToken === null) {
      logger.warn(
        "entries and evidence are closed to everyone: listening beyond this machine needs accessTokenFile",
      );
    }
    const { port } = server.server.address() as AddressInfo;
    return {
      url: urlOf(config.host, port),
      consensus,
      caughtUp: () => readModel.caughtUp(),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** The built pages lie in this package, beside the sources and one folder above the built code. */
const PAGES = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "./dashboard/dist" : "../dashboard/dist",
    import.meta.url,
  ),
);

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
