// Joins line, link and publisher: what a board sends is judged by the gateway, and the board hears what became of it (F9, D4).

import { pino } from "pino";
import { type Answer, answerOf, laterAnswer } from "./answer.ts";
import { bindingsLimits, openBindings } from "./bindings.ts";
import { type BridgeSettings, bridgeConfig, bridgeDirectory } from "./config.ts";
import { count, createCounters } from "./counters.ts";
import { readEnvelope } from "./envelope.ts";
import { encodeCoapFrame } from "./frame.ts";
import type { Frame } from "./frame-decoder.ts";
import { type Health, readHealth } from "./health.ts";
import { serveHttp } from "./http.ts";
import { lineLimits, openLine } from "./line.ts";
import { type LinkInput, type LinkOutput, linkLimits, linkStart, linkStep } from "./link.ts";
import { createMetrics } from "./metrics.ts";
import type { Clock, OpenPort, Random } from "./ports.ts";
import { type NoWord, openPublisher, type Publisher, publisherLimits } from "./publisher.ts";
import { openSerialPort } from "./serial-port.ts";
import { systemClock } from "./system-clock.ts";
import { troubleLog } from "./trouble-log.ts";

export interface Bridge {
  readonly httpPort: number;
  health(): Health;
  /** Closes the line first, so that nothing is taken that could not be answered. */
  close(): Promise<void>;
}

/** The world, where a test or a machine without serial ports wants another. */
export interface BridgeWorld {
  readonly openPort?: OpenPort;
  readonly clock?: Clock;
  readonly random?: Random;
}

const FORMAT_COSE = 18;
const DIAGNOSTIC_SHOWN_MAX = 200;

/** Max-Age of "not durable, ask again", by why. */
const RETRY_SECONDS: Readonly<Record<NoWord, number>> = {
  offline: 2,
  refused: 2,
  busy: 1,
  lost: 1,
  silent: 1,
};
/** When the list of devices is too old to tell a stranger from a newcomer. */
const STALE_RETRY_SECONDS = 30;

/** Starts a bridge. It needs neither board nor gateway nor ledger to start: it waits for each, and says so. Errors: BridgeError. */
export async function createBridge(
  settings: BridgeSettings,
  world: BridgeWorld = {},
): Promise<Bridge> {
  const config = bridgeConfig(settings);
  const { clock = systemClock, random = Math.random, openPort = openSerialPort } = world;
  const logger = pino({ name: "bridge", level: config.logLevel }, pino.destination(2)).child({
    bridge: config.id,
  });
  const lineLog = troubleLog(logger, "no serial line; it is tried again and again");
  const gatewayLog = troubleLog(logger, "no connection to the gateway; boards keep their readings");
  const counters = createCounters();
  let publisher: Publisher | null = null;

  const bindings = await openBindings({
    directory: bridgeDirectory(config),
    ledger: config.ledger,
    bridge: config.id,
    clock,
    limits: { ...bindingsLimits, pollMs: config.pollMs },
    onChange: speak,
    onTrouble: ({ code, message }) => logger.warn({ code }, message),
  });

  /** Connects once the building is known, and tells whom to speak for. */
  function speak(): void {
    const building = bindings.building();
    if (building === null) return;
    publisher ??= openPublisher({
      url: config.mqtt,
      building,
      bridge: config.id,
      clock,
      random,
      limits: publisherLimits,
      onConnect() {
        counters.mqttConnected += 1;
        gatewayLog.over(`connected to ${config.mqtt}`);
      },
      onTrouble: gatewayLog.trouble,
      onRefused: (device) =>
        logger.warn({ device }, "the gateway does not let this bridge speak for the device yet"),
    });
    publisher.speakFor(bindings.devices());
  }
  speak();

  /** The gateway's judgement of a statement, as an answer to the board. */
  async function judge(payload: Uint8Array): Promise<Answer> {
    const envelope = readEnvelope(payload);
    const device = envelope.kidHex === null ? null : await bindings.deviceOf(envelope.kidHex);
    if (publisher === null) return laterAnswer("building unknown", RETRY_SECONDS.offline);
    // Whoever cannot be told goes out under the bridge's own name: the gateway keeps it in quarantine, with the reason.
    const word = await publisher.submit(device ?? config.id, envelope);
    if (word.kind === "none") {
      count(counters.unanswered, word.why);
      return laterAnswer(word.why, RETRY_SECONDS[word.why]);
    }
    count(counters.results, word.result);
    // The gateway knows whose key it is and this bridge does not, for its list is old: the board is to try again.
    if (word.result === "wrong-device" && device === null && !bindings.isFresh())
      return laterAnswer("devices unknown", STALE_RETRY_SECONDS);
    return answerOf(word.result);
  }

  async function tellTime(): Promise<Answer> {
    const time = (await publisher?.time()) ?? null;
    if (time === null) return laterAnswer("time unknown", RETRY_SECONDS.offline);
    // Old time is wrong time: it is never sent a second time.
    return { code: "2.05", maxAge: 0, payload: time, contentFormat: FORMAT_COSE };
  }

  let link = linkStart;
  const timers = new Map<number, () => void>();

  function step(input: LinkInput): void {
    const { state, outputs } = linkStep(link, input, linkLimits);
    link = state;
    for (const output of outputs) act(output);
  }

  function act(output: LinkOutput): void {
    switch (output.kind) {
      case "send":
        if (output.code !== null) count(counters.answers, output.code);
        if (line.send(encodeCoapFrame(output.message))) counters.framesOut += 1;
        else counters.framesDropped += 1;
        return;
      case "judge":
        wait(output, judge(output.payload));
        return;
      case "time":
        wait(output, tellTime());
        return;
      case "event":
        count(counters.events, output.event);
    }
  }

  /** Feeds the outcome back, or its timeout: whichever comes first. */
  function wait(
    { exchange, ms }: { readonly exchange: number; readonly ms: number },
    outcome: Promise<Answer>,
  ): void {
    const cancel = clock.after(ms, () => {
      timers.delete(exchange);
      step({ kind: "timeout", exchange, now: clock.now() });
    });
    timers.set(exchange, cancel);
    void outcome.then((answer) => {
      timers.get(exchange)?.();
      timers.delete(exchange);
      step({ kind: "outcome", exchange, answer, now: clock.now() });
    });
  }

  function received(frame: Frame): void {
    switch (frame.kind) {
      case "coap":
        counters.framesIn += 1;
        step({ kind: "message", bytes: frame.message, now: clock.now() });
        return;
      case "oversize":
        count(counters.discards, "too-long");
        step({ kind: "oversize", head: frame.head, now: clock.now() });
        return;
      case "diagnostic":
        counters.diagnostics += 1;
        logger.info({ text: frame.text.slice(0, DIAGNOSTIC_SHOWN_MAX) }, "the board says");
        return;
      case "discarded":
        count(counters.discards, frame.reason);
        logger.debug({ reason: frame.reason, bytes: frame.bytes }, "discarded");
    }
  }

  const line = openLine({
    path: config.serial,
    baudRate: config.baud,
    open: openPort,
    clock,
    random,
    limits: lineLimits,
    on: {
      opened() {
        counters.lineOpened += 1;
        for (const cancel of timers.values()) cancel();
        timers.clear();
        step({ kind: "opened" });
        lineLog.over(`${config.serial} is open at ${config.baud} bits a second`);
      },
      frame: received,
      lost: lineLog.trouble,
    },
  });

  const health = (): Health =>
    readHealth({
      bridge: config.id,
      building: bindings.building(),
      line: { path: config.serial, open: line.isOpen() },
      gateway: {
        url: config.mqtt,
        connected: publisher?.isConnected() ?? false,
        granted: publisher?.granted() ?? 0,
      },
      devices: {
        bound: bindings.devices().length,
        fresh: bindings.isFresh(),
        heardAt: bindings.heardAt(),
      },
      pending: link.pending.size,
      counters,
    });
  const closeParts = async (): Promise<void> => {
    await line.close();
    for (const cancel of timers.values()) cancel();
    await bindings.stop();
    await publisher?.close();
  };
  const metrics = createMetrics(counters, health);
  try {
    const http = await serveHttp({
      host: config.host,
      port: config.httpPort,
      pages: {
        "/health": async () => ({
          type: "application/json",
          body: `${JSON.stringify(health())}\n`,
        }),
        "/metrics": metrics,
      },
    });
    return {
      httpPort: http.port,
      health,
      async close() {
        await closeParts();
        await http.close();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}
