// A ledger node: its rooms, and the server in front of them; closed in the opposite order.

import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { Alarms } from "./alarms/alarms.ts";
import { isLoopback } from "./api/access.ts";
import { createServer } from "./api/server.ts";
import { loadAccessToken, loadConfig, type NodeSettings } from "./config.ts";
import type { Consensus } from "./consensus/consensus.ts";
import { type Clock, systemClock } from "./ports.ts";
import type { Retention, RetentionReport } from "./retention/retention.ts";
import { openRooms } from "./rooms.ts";

/** A running node. */
export interface LedgerNode {
  /** Where it answers, such as `http://127.0.0.1:8480`. */
  readonly url: string;
  readonly consensus: Consensus;
  /** Resolves when everything committed so far is visible to queries. */
  caughtUp(): Promise<void>;
  /** Disposes now of what is past its retention clock; the node does so by itself too. */
  retain(): Promise<RetentionReport>;
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
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };

  try {
    const rooms = await openRooms(config, clock);
    opened.push(() => rooms.close());
    const { consensus, archive, anchors, intake, readModel, retention } = rooms;

    const alarms = await Alarms.open({
      readModel,
      ledger: consensus,
      directory: join(config.data, "ledger", "alarms"),
      settings: config.alarms,
      clock,
      onFailure: (error) => logger.error(error, "alarms: judging failed, and is tried again"),
    });
    opened.push(() => alarms.close());

    const server = await createServer({
      consensus,
      archive,
      anchors,
      intake,
      readModel,
      alarms,
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
    opened.push(
      keepRetention(retention, config.retentionEveryMs, (error) =>
        logger.error(error, "retention: the run failed, and is tried again"),
      ),
    );
    const { port } = server.server.address() as AddressInfo;
    return {
      url: urlOf(config.host, port),
      consensus,
      caughtUp: () => readModel.caughtUp(),
      retain: () => retention.run(),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Runs now and then; returns the way to stop. */
function keepRetention(
  retention: Retention,
  everyMs: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  const run = (): void =>
    void retention.run().catch((error: unknown) => {
      if (!stopped) onError(error);
    });
  run();
  const timer = setInterval(run, everyMs);
  return async () => {
    stopped = true;
    clearInterval(timer);
  };
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
