// The embedded MQTT 3.1.1 broker: its PUBACK means durable, in order per client (D4, F8, MQTT-4.6.0-2).

import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import type { Signer } from "@muniment/core";
import {
  Aedes,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
  type Subscription,
} from "aedes";
import { type GatewayCode, GatewayError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { encodeAck } from "./ack.ts";
import { AckQueue } from "./ack-queue.ts";
import type { BridgeBindings } from "./bridge-bindings.ts";
import { type Counters, count } from "./counters.ts";
import { encodeTime } from "./device-time.ts";
import type { Ingest, Outcome } from "./ingest.ts";
import { type GuardLimits, PacketGuard } from "./packet-guard.ts";
import {
  ackTopic,
  coversAck,
  isId,
  parseDownFilter,
  parseUpTopic,
  timeTopics,
  type UpTopic,
} from "./topics.ts";

export interface BrokerLimits extends GuardLimits {
  readonly clientsMax: number;
  /** Longest state message. */
  readonly hintBytesMax: number;
  /** Filters that one client may hold, and as many for each device that it is the bridge of. */
  readonly subscriptionsMax: number;
  /** A subscriber that does not read is cut off after this. */
  readonly drainMsMax: number;
  /** A client whose oldest message has no outcome after this is cut off, before its keep-alive would do it. */
  readonly outcomeMsMax: number;
}

export const brokerLimits: BrokerLimits = {
  packetBytesMax: 16_384,
  connectMsMax: 10_000,
  packetMsMax: 30_000,
  idleMsMax: 600_000,
  clientsMax: 2_000,
  hintBytesMax: 4_096,
  subscriptionsMax: 16,
  drainMsMax: 10_000,
  outcomeMsMax: 30_000,
};

export interface BrokerOptions {
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly limits: BrokerLimits;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** With mutual TLS the common name of a certificate must be the client id. */
  readonly tls?: TlsOptions;
  /** Signs what is said on down/ack and down/time. */
  readonly signer: Signer;
  /** How often a device that listens is told the time, after the first time on subscribing. */
  readonly timeEveryMs: number;
  /** Longest time from arrival to the log, promised on down/ack. */
  readonly inLogMsMax: number;
  /** Whether a device is enrolled in a building: only then its state is retained. */
  readonly isEnrolled: (building: string, device: string) => boolean;
  /** Whom a client may speak for besides itself. */
  readonly bindings: BridgeBindings;
  /** Told of connections that end with a fault: for the log. */
  readonly onFault?: (client: string | null, error: Error) => void;
}

export interface Broker {
  readonly port: number;
  /** Takes no more connections, ends those there are. What was not acknowledged will be sent again. */
  close(): Promise<void>;
}

/** Statements end at the gateway: nobody may subscribe to them, so routing them would be work for nothing. */
class StatementBroker extends Aedes {
  override publish(
    packet: PublishPacket,
    ...rest:
      | [callback: (error?: Error) => void]
      | [client: Client, callback: (error?: Error) => void]
  ): void {
    if (rest.length === 2 && packet.topic.includes("/up/")) {
      rest[1]();
      return;
    }
    (super.publish as (packet: PublishPacket, ...rest: readonly unknown[]) => void)(
      packet,
      ...rest,
    );
  }
}

// CONNACK return codes (MQTT 3.2.2.3).
const BAD_VERSION = 1;
const IDENTIFIER_REJECTED = 2;
const NOT_AUTHORIZED = 5;
/** SUBACK return code of a failure (MQTT 3.9.3). */
const REFUSED = 0x80;

const WATCH_MS = 1_000;

/** Opens the port. Nothing may be received before the log has recovered (life of a reading 3). */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { ingest, clock, counters, limits, signer, bindings } = options;
  const queues = new WeakMap<Client, AckQueue>();
  const wantsAck = new WeakSet<Client>();
  const refusals = new WeakMap<Client, AuthenticateError>();
  const guards = new Set<PacketGuard>();
  const ended = new WeakSet<object>();

  const aedes = new StatementBroker({
    connectTimeout: 2 * limits.connectMsMax, // the guard is stricter, and says why
    drainTimeout: limits.drainMsMax,
    maxTopicLevels: 8,
    preConnect(client, packet, done) {
      if (packet.protocolVersion !== 4) {
        // The broker would let MQTT 3.1 in, and has no such return code for authenticate() (MQTT-3.1.2-2).
        client.conn.write(Uint8Array.of(0x20, 2, 0, BAD_VERSION));
        done(
          new GatewayError("connect.version", `protocol level ${packet.protocolVersion}`),
          false,
        );
        return;
      }
      const problem = connectProblem(client, packet);
      if (problem !== null) refusals.set(client, problem);
      // No session outlives its connection: the broker's memory must not grow with absent clients (MQTT-3.2.2-3
      // lets the server answer "no session"). Devices keep their own outbox.
      (packet as { clean?: boolean }).clean = true;
      done(null, true);
    },
    authenticate(client, _username, _password, done) {
      const problem = refusals.get(client);
      done(problem ?? null, problem === undefined);
    },
    authorizePublish(client, packet, done) {
      if (client === null) done(new GatewayError("publish.topic", "a will without a client"));
      else published(client, packet, done);
    },
    authorizeSubscribe(client, subscription: Subscription, done) {
      const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> };
      const more = !(subscription.topic in subscriptions);
      const owner = parseDownFilter(subscription.topic);
      const filtersMax = limits.subscriptionsMax * (1 + bindings.boundTo(client.id));
      if (
        owner === null ||
        !speaksFor(client, owner) ||
        (more && Object.keys(subscriptions).length >= filtersMax)
      ) {
        done(null, null);
        return;
      }
      if (coversAck(subscription.topic)) wantsAck.add(client);
      done(null, { ...subscription, qos: subscription.qos === 0 ? 0 : 1 });
    },
  });
  await aedes.listen();
  aedes.on("clientError", fault);
  aedes.on("connectionError", fault);
  aedes.on("unsubscribe", (filters, client) => {
    if (filters.some(coversAck)) wantsAck.delete(client);
  });

  aedes.on("subscribe", (subscriptions, client) => {
    // A filter that was refused stands here too, with the return code of a failure (MQTT-3.9.3-2).
    const granted = subscriptions.filter(({ qos }) => (qos as number) < REFUSED);
    tellTime(client, timeTopics(granted.map(({ topic }) => topic)));
  });

  /** A device uses its own topics, a bridge also those of the devices that are bound to it (F8). */
  function speaksFor(
    client: Client,
    { building, device }: { readonly building: string; readonly device: string },
  ): boolean {
    return device === client.id || bindings.isBridgeOf(client.id, building, device);
  }

  function fault(client: Client | null, error: Error): void {
    if (!ended.has(client ?? error)) count(counters.connectionsEnded, codeOfFault(error));
    ended.add(client ?? error); // what still waited for an answer fails one by one, each with a fault of its own
    options.onFault?.(client?.id ?? null, error);
  }

  function connectProblem(client: Client, packet: ConnectPacket): AuthenticateError | null {
    const { clientId, will } = packet;
    if (!isId(clientId))
      return refusal(
        "connect.client-id",
        JSON.stringify(clientId.slice(0, 80)),
        IDENTIFIER_REJECTED,
      );
    if (will !== undefined && will !== null) {
      const topic = parseUpTopic(will.topic);
      if (
        topic?.kind !== "state" ||
        topic.device !== clientId ||
        will.qos === 2 ||
        will.payload.length > limits.hintBytesMax
      ) {
        return refusal("connect.will", JSON.stringify(will.topic.slice(0, 200)), NOT_AUTHORIZED);
      }
    }
    const name = certificateName(client);
    if (name !== null && name !== clientId)
      return refusal(
        "connect.certificate",
        `${JSON.stringify(name)} for ${clientId}`,
        NOT_AUTHORIZED,
      );
    return null;
  }

  /** The one place where PUBACK can be made to wait: QoS 1 is acknowledged when `done` is called without error. */
  function published(
    client: Client,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    // The broker's parser lets these through, and they could not be acknowledged (MQTT-2.3.1-1). A will has no id.
    if (packet.qos > 0 && packet.messageId !== undefined && packet.messageId < 1) {
      done(new GatewayError("packet.malformed", "PUBLISH without a packet id"));
      return;
    }
    const topic = parseUpTopic(packet.topic);
    if (topic === null || !speaksFor(client, topic)) {
      done(new GatewayError("publish.topic", JSON.stringify(packet.topic.slice(0, 200))));
      return;
    }
    const queue = queueOf(client);
    const answer = queue.add((error) => {
      if (error === null && packet.messageId !== undefined) counters.acknowledged += 1;
      done(error);
    }, clock.now());
    if (topic.kind === "statement") statement(client, topic, packet, answer);
    else answer(hintProblem(topic, packet));
  }

  function statement(
    client: Client,
    topic: UpTopic,
    packet: PublishPacket,
    answer: (error: Error | null) => void,
  ): void {
    if (packet.qos !== 1 || packet.retain) {
      answer(
        new GatewayError("publish.qos", `QoS ${packet.qos}${packet.retain ? ", retained" : ""}`),
      );
      return;
    }
    const payload =
      typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    ingest.receive({ building: topic.building, device: topic.device, payload }, (outcome) => {
      // Not durable: no acknowledgement. The connection ends, so that the device sends again when it can.
      answer(outcome.durable ? null : outcome.error);
      if (outcome.durable && wantsAck.has(client) && !client.closed) tell(client, topic, outcome);
    });
  }

  /** The state of a device is a hint: passed on, and kept for enrolled devices. */
  function hintProblem(topic: UpTopic, packet: PublishPacket): Error | null {
    if (packet.payload.length > limits.hintBytesMax)
      return new GatewayError(
        "publish.too-large",
        `${packet.payload.length} bytes, at most ${limits.hintBytesMax}`,
      );
    // What is kept must be bounded: one topic a device, and its payload without the chunk that it came in.
    if (!options.isEnrolled(topic.building, topic.device)) packet.retain = false;
    else if (packet.retain) packet.payload = Buffer.from(packet.payload);
    return null;
  }

  function tell(
    client: Client,
    topic: UpTopic,
    outcome: Extract<Outcome, { durable: true }>,
  ): void {
    const { sequence, result, hash, arrivedAt } = outcome;
    const inLog = result === "admitted" || result === "late" || result === "duplicate";
    const inLogBy = inLog ? Math.ceil((arrivedAt + options.inLogMsMax) / 1_000) : null;
    const payload = Buffer.from(encodeAck({ seq: sequence, result, hash, inLogBy }, signer));
    counters.acksPublished += 1;
    client.publish(
      {
        cmd: "publish",
        topic: ackTopic(topic.building, topic.device),
        payload,
        qos: 1,
        retain: false,
        dup: false,
      },
      (error) => {
        if (error) fault(client, error);
      },
    );
  }

  /** At QoS 0, for an old time is worse than none. */
  function tellTime(client: Client, topics: ReadonlySet<string>, signed = signedTime()): void {
    for (const topic of client.closed ? [] : topics) {
      const packet = { topic, payload: signed(), qos: 0, retain: false, dup: false } as const;
      client.publish({ cmd: "publish", ...packet }, (error) => {
        if (error) fault(client, error);
      });
    }
  }

  /** The time of this moment, signed when it is asked for, and once. */
  function signedTime(): () => Buffer {
    let bytes: Buffer | undefined;
    return () => {
      bytes ??= Buffer.from(encodeTime(clock.now(), signer));
      return bytes;
    };
  }

  let cancelTime = clock.after(options.timeEveryMs, tellAll);
  function tellAll(): void {
    const signed = signedTime();
    for (const guard of guards) {
      const client = clients.get(guard)!;
      const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> };
      tellTime(client, timeTopics(Object.keys(subscriptions)), signed);
    }
    cancelTime = clock.after(options.timeEveryMs, tellAll);
  }

  function queueOf(client: Client): AckQueue {
    let queue = queues.get(client);
    if (queue === undefined) {
      queue = new AckQueue();
      queues.set(client, queue);
    }
    return queue;
  }

  function connected(socket: Socket): void {
    if (guards.size >= limits.clientsMax) {
      count(counters.connectionsEnded, "connect.limit");
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const guard = new PacketGuard(socket, limits);
    guards.add(guard);
    counters.connections += 1;
    counters.clientsNow = guards.size;
    guard.on("close", () => {
      guards.delete(guard);
      counters.clientsNow = guards.size;
    });
    const client = aedes.handle(guard);
    clients.set(guard, client);
  }

  /** A disk or worker that hangs must not leave clients hanging: they are cut off and send again. */
  const clients = new WeakMap<PacketGuard, Client>();
  let cancelWatch = clock.after(WATCH_MS, watch);
  function watch(): void {
    const since = clock.now() - limits.outcomeMsMax;
    for (const guard of guards) {
      const oldest = queues.get(clients.get(guard)!)?.oldest() ?? null;
      if (oldest !== null && oldest < since)
        guard.destroy(new GatewayError("ingest.busy", `no outcome for ${limits.outcomeMsMax} ms`));
    }
    cancelWatch = clock.after(WATCH_MS, watch);
  }

  const server =
    options.tls === undefined
      ? createTcpServer(connected)
      : createTlsServer(options.tls, connected);
  await listen(server, options.host, options.port);

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      cancelWatch();
      cancelTime();
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const guard of guards) guard.destroy();
      await stopped;
    },
  };
}

function refusal(code: GatewayCode, found: string, returnCode: number): AuthenticateError {
  return Object.assign(new GatewayError(code, found), { returnCode });
}

/** The broker's own errors have no codes; those of a malformed packet have many texts, these have one. */
const FAULTS: ReadonlyMap<string, GatewayCode> = new Map([
  ["keep alive timeout", "connect.idle"],
  ["drain timeout", "connect.idle"],
  ["connection closed", "connect.lost"],
]);

/** Why a connection ended, as a code: ours, the broker's, or (with a code of the system) the socket's. */
function codeOfFault(error: Error & { readonly code?: unknown }): GatewayCode {
  if (error instanceof GatewayError) return error.code;
  return (
    FAULTS.get(error.message) ?? (error.code === undefined ? "packet.malformed" : "connect.lost")
  );
}

/** Common name of the client's certificate; null without TLS or without a certificate. */
function certificateName(client: Client): string | null {
  const socket = client.conn instanceof PacketGuard ? client.conn.socket : null;
  if (!(socket instanceof TLSSocket)) return null;
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" ? name : null;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
