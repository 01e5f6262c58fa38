// Joins the four steps, ingest → journal → log → sync, and keeps the order in which they start and stop (D3, D4).

import { join } from "node:path";
import { fromHex, makeVkey, parsePolicy } from "@muniment/core";
import { loadSigner } from "@muniment/core/files";
import { pino } from "pino";
import { createAlarms } from "./alarms.ts";
import { openBodyKeys } from "./body-keys.ts";
import { archiveKeys, type Commission, loadCommission } from "./commission.ts";
import {
  type GatewayConfig,
  type GatewaySettings,
  gatewayConfig,
  gatewayDirectory,
} from "./config.ts";
import { logRoutes } from "./http/log-routes.ts";
import { createMetrics } from "./http/metrics.ts";
import { quarantineRoute } from "./http/quarantine-route.ts";
import { json, serve } from "./http/server.ts";
import { type GatewayStatus, readStatus } from "./http/status.ts";
import { bridgeBindings } from "./ingest/bridge-bindings.ts";
import { brokerLimits, createBroker } from "./ingest/broker.ts";
import { createCounters } from "./ingest/counters.ts";
import { Dedup } from "./ingest/dedup.ts";
import { enrolledDevices } from "./ingest/enrolled-devices.ts";
import { createIngest, ingestLimits } from "./ingest/ingest.ts";
import { openJournal } from "./journal/journal.ts";
import { openQuarantine } from "./journal/quarantine.ts";
import { createCloser } from "./log/closer.ts";
import { logDirectory } from "./log/files.ts";
import { gatewayGenesis } from "./log/genesis.ts";
import { openLog, storedWindows } from "./log/log.ts";
import type { Clock, Random } from "./ports.ts";
import { sealedStore } from "./sealed-store.ts";
import { openLevelStore } from "./store.ts";
import { clientLimits, createLedgerClient, type LedgerClient } from "./sync/ledger-client.ts";
import { openLedgerView } from "./sync/ledger-view.ts";
import { openRegistry } from "./sync/registry.ts";
import { openSync } from "./sync/sync.ts";
import { systemClock } from "./system-clock.ts";

export interface Gateway {
  readonly mqttPort: number;
  readonly httpPort: number;
  status(): GatewayStatus;
  /** Stops in the opposite order of the start. What was acknowledged is durable. */
  close(): Promise<void>;
}

/** The world, where a simulation wants another. */
export interface GatewayWorld {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly client?: (commission: Commission) => LedgerClient;
}

const SEGMENTS_PER_QUARANTINE = 16;
const CLOSE_RETRY_MS = 5_000;
/** Refusals that are the gateway's state and no client's fault. The next durable write ends the alarm. */
const TAKES_NO_MORE: ReadonlySet<string> = new Set([
  "journal.full",
  "journal.write",
  "journal.failed",
  "quarantine.full",
]);

/** Starts a commissioned gateway. Nothing is acknowledged before recovery is complete. Errors: GatewayError. */
export async function createGateway(
  settings: GatewaySettings,
  world: GatewayWorld = {},
): Promise<Gateway> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = opened.pop(); step !== undefined; step = opened.pop()) await step();
  };
  try {
    return { ...(await start(gatewayConfig(settings), world, (step) => opened.push(step))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tells `then` of each part, as it starts, how it stops. */
async function start(
  config: GatewayConfig,
  world: GatewayWorld,
  then: (stop: () => Promise<unknown>) => void,
): Promise<Omit<Gateway, "close">> {
  const clock = world.clock ?? systemClock;
  const directory = gatewayDirectory(config);
  const commission = await loadCommission(directory);
  const { gateway, building } = commission;
  const signer = await loadSigner(join(directory, "keys", "gateway.pem"));
  const logSigner = await loadSigner(join(directory, "keys", "log.pem"));
  const origin = `${commission.origin}/gw/${gateway}`;
  const logger = pino({ name: "gateway", level: config.logLevel }, pino.destination(2)).child({
    gateway,
  });
  const counters = createCounters();
  const alarms = createAlarms(clock.now, ({ code, message }) => logger.error({ code }, message));

  // 1. Keyring: the proven registry as it was last seen. Works offline.
  const state = await openLevelStore(join(directory, "state"));
  then(() => state.close());
  const bodyKeys = await openBodyKeys({
    directory: join(directory, "keys", "bodies"),
    clock,
    keyMs: config.bodyKeyMs,
    quarantineDaysMax: config.quarantineBodyDaysMax,
    onError: (error) => logger.error(error, "the keys of bodies could not be looked after"),
  });
  const bodies = await openLevelStore(join(directory, "bodies"));
  then(() => bodies.close());
  const client = (
    world.client ??
    (({ urls }) =>
      createLedgerClient(config.ledger ?? urls, clientLimits, config.ledgerToken ?? null))
  )(commission);
  then(async () => client.close());
  const view = await openLedgerView({
    state,
    policy: parsePolicy(commission.policy),
    genesisLeaf: fromHex(commission.genesisLeaf),
    readTile: client.readTile,
  });
  const logKey = logSigner.publicKey;
  const registry = await openRegistry({
    gateway,
    building,
    key: signer.publicKey,
    logKey,
    client,
    view,
    state,
  });

  // 2. Log: replays the journal, and finishes a batch that was cut off.
  const journal = await openJournal({
    directory: join(directory, "journal"),
    segmentBytesMax: config.journalSegmentBytesMax,
    journalBytesMax: config.journalBytesMax,
    vault: bodyKeys.transit,
    onGroup(records, bytes) {
      counters.journalGroups += 1;
      counters.journalRecords += records;
      counters.journalBytes += bytes;
      alarms.clear("journal.");
    },
  });
  then(() => journal.close());
  if (journal.torn !== null)
    logger.warn(journal.torn, "the journal's torn tail was cut off; nobody was told of it");
  const dedup = new Dedup();
  for await (const [kidHex, packed] of storedWindows(state)) dedup.import(kidHex, packed);
  const limits = {
    batchCountMax: config.batchCountMax,
    batchBytesMax: config.batchBytesMax,
    batchAgeMsMax: config.batchAgeMsMax,
  };
  const log = await openLog({
    origin,
    signer: logSigner,
    genesis: gatewayGenesis({ gateway, building, origin, signer, logKey }),
    journal,
    files: logDirectory(join(directory, "log")),
    state,
    bodies: sealedStore(bodies, bodyKeys.transit),
    windows: dedup,
    limits,
    pruneFinal: config.keepEntries === "until-final",
    onReplay: (record) => dedup.note(record),
  });
  const closer = createCloser({
    log,
    limits,
    clock,
    retryMs: CLOSE_RETRY_MS,
    onBatch() {
      alarms.clear("log.closing");
      sync.wake();
    },
    onError: (error) => alarms.raise("log.closing", String(error)),
  });
  then(() => closer.stop());

  // 3. Where the ledger stands, asked before anything new is signed; then readings may come.
  const sync = await openSync({
    terms: {
      gateway,
      ledger: commission.origin,
      logKey: makeVkey(origin, 1, logKey),
      archives: archiveKeys(commission),
      archivesNeeded: commission.archivesNeeded,
    },
    signer,
    log,
    client,
    view,
    registry,
    state,
    alarms,
    clock,
    random: world.random ?? Math.random,
    limits: {
      answerMsMax: config.answerMsMax,
      backoffBaseMs: config.backoffBaseMs,
      backoffMsMax: config.backoffMsMax,
    },
    registryPollMs: config.registryPollMs,
    onHalt: () => void closer.stop(),
    onRebuilt: () => closer.wake(),
  });
  bodyKeys.start({
    async *sealed() {
      yield* journal.sealed();
      for await (const [, value] of bodies.range("")) yield value;
    },
    finalSize: () => sync.status().anchoredSize,
  });
  then(() => bodyKeys.stop());
  await within(config.lookMsMax, clock, sync.look());
  const quarantine = await openQuarantine({
    directory: join(directory, "quarantine"),
    segmentBytesMax: Math.ceil(config.quarantineBytesMax / SEGMENTS_PER_QUARANTINE),
    quarantineBytesMax: config.quarantineBytesMax,
    clientBytesMax: config.quarantineClientBytesMax,
    vault: bodyKeys.quarantine,
    onGroup: () => alarms.clear("quarantine."),
  });
  then(() => quarantine.close());
  const ingest = await createIngest({
    keyring: registry,
    journal,
    quarantine,
    dedup,
    clock,
    limits: { ...ingestLimits, verifyWorkers: config.workers },
    counters,
    onDurable(placed) {
      log.add(placed, clock.now());
      closer.wake();
    },
  });
  then(() => ingest.close());
  const broker = await createBroker({
    ingest,
    clock,
    counters,
    limits: {
      ...brokerLimits,
      clientsMax: config.clientsMax,
      connectMsMax: config.connectMsMax,
    },
    host: config.host,
    port: config.mqttPort,
    signer,
    inLogMsMax: config.batchAgeMsMax,
    timeEveryMs: config.timeEveryMs,
    isEnrolled: enrolledDevices(registry),
    bindings: bridgeBindings(registry),
    onFault(device, error) {
      const { code } = error as { code?: string };
      logger.debug({ device, code }, error.message);
      if (code !== undefined && TAKES_NO_MORE.has(code)) alarms.raise(code, error.message);
    },
  });
  then(async () => {
    await broker.close();
    await ingest.settled();
  });

  // 4. Sync, then the window to look in.
  closer.start();
  sync.start();
  then(() => sync.stop());
  const status = (): GatewayStatus =>
    readStatus({
      gateway,
      building,
      origin,
      log,
      sync,
      journal,
      quarantine,
      registry,
      view,
      counters,
      alarms,
      now: clock.now,
    });
  const metrics = createMetrics(counters, status);
  const loopback = ["127.0.0.1", "::1", "localhost"].includes(config.host);
  const http = await serve(
    [
      { path: "/health", answer: () => json(status()) },
      {
        path: "/metrics",
        answer: async () => ({ type: metrics.contentType, body: await metrics.text() }),
      },
      quarantineRoute(quarantine, loopback),
      ...logRoutes(log, loopback),
    ],
    { host: config.host, port: config.httpPort },
    (error) => logger.error(error, "a request failed"),
  );
  then(() => http.close());
  logger.info({ size: log.size(), mqtt: broker.port, http: http.port }, "started");
  return { mqttPort: broker.port, httpPort: http.port, status };
}

/** Waits for the work, but no longer than `ms`. */
async function within(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  let cancel: () => void = () => {};
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  await Promise.race([work, limit]);
  cancel();
}
