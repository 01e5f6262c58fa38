// One device's MQTT connection: QoS 1, its own window, its own backoff with jitter; a message is done when the broker has acknowledged it (F8).
import { Socket } from "node:net";
import { decode, decodeSign1, encode } from "@muniment/core";
import mqtt, { type MqttClient } from "mqtt";
import { SimulatorError } from "./errors.ts";
import type { Outgoing } from "./outbox.ts";

export interface PublisherConfig {
  readonly url: string;
  readonly building: string;
  readonly device: string;
  /** Messages sent and not yet acknowledged. */
  readonly inFlightMax?: number;
  /** Called with the gateway's word on one statement, from `down/ack`; asking for it costs a subscription. */
  readonly onResult?: (result: StatementResult) => void;
  /** Called when a connection ends or is refused, with how long the next attempt waits. */
  readonly onTrouble?: (reason: string, waitMs: number) => void;
  readonly random?: () => number;
}

/** What the gateway says it did with a statement. */
export interface StatementResult {
  readonly sequence: number;
  readonly result: string;
}

export interface Publisher {
  /** Resolves when the broker has acknowledged the statement, however many connections that takes. */
  send(item: Outgoing): Promise<void>;
  /** Says goodbye and closes; what is still in flight is rejected with publisher.closed. */
  close(): Promise<void>;
}

export const inFlightDefault = 64;
const backoffMsMin = 250;
const backoffMsMax = 30_000;
const connectMsMax = 10_000;
const keepaliveSeconds = 30;

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** Opens the connection of one device and keeps it up until it is closed. */
export function openPublisher(config: PublisherConfig): Publisher {
  const { building, device, inFlightMax = inFlightDefault, random = Math.random } = config;
  const topics = `muniment/v1/${building}/${device}`;
  const pending = new Set<Message>();
  const waiting: (() => void)[] = [];
  let client: MqttClient | null = null;
  let attempt = 0;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const transmit = (to: MqttClient, message: Message) => {
    to.publish(message.topic, message.payload, { qos: 1 }, (error) => {
      // An error here means that the connection ended first: the message stays pending for the next.
      if (error || !pending.delete(message)) return;
      message.done();
      waiting.shift()?.();
    });
  };

  const connect = () => {
    let trouble = "connection closed";
    const current = mqtt.connect(config.url, {
      protocolVersion: 4,
      clean: true,
      clientId: device,
      keepalive: keepaliveSeconds,
      connectTimeout: connectMsMax,
      reconnectPeriod: 0,
      will: {
        topic: `${topics}/state`,
        payload: Buffer.from("disconnected"),
        qos: 1,
        retain: true,
      },
    });
    client = current;
    current.on("connect", () => {
      attempt = 0;
      // Small packets in both directions: else one waits for the other side's delayed TCP ACK (RFC 896, RFC 1122 4.2.3.2).
      if (current.stream instanceof Socket) current.stream.setNoDelay(true);
      if (config.onResult !== undefined)
        current.subscribe(`${topics}/down/ack`, { qos: 1 }, () => {});
      current.publish(`${topics}/state`, "ready", { qos: 1, retain: true }, () => {});
      // In the order of their numbers: a Set keeps the order of insertion.
      for (const message of pending) transmit(current, message);
    });
    current.on("message", (topic, payload) => {
      if (topic !== `${topics}/down/ack`) return;
      const result = readResult(payload);
      if (result !== null) config.onResult?.(result);
    });
    current.on("error", (error) => {
      trouble = error.message || (error as NodeJS.ErrnoException).code || "connection refused";
    });
    current.on("close", () => {
      if (client !== current) return;
      client = null;
      current.removeAllListeners();
      current.on("error", () => {});
      current.end(true);
      if (closed) return;
      // Full jitter: a thousand devices must not come back in one second.
      const waitMs = Math.round(
        backoffMsMin + random() * Math.min(backoffMsMax, backoffMsMin * 2 ** attempt++),
      );
      config.onTrouble?.(trouble, waitMs);
      retry = setTimeout(connect, waitMs);
    });
  };
  connect();

  const enqueue = async (topic: string, payload: Buffer): Promise<void> => {
    while (pending.size >= inFlightMax && !closed) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (closed) throw new SimulatorError("publisher.closed", device);
    await new Promise<void>((done, failed) => {
      const message = { topic, payload, done, failed };
      pending.add(message);
      if (client?.connected) transmit(client, message);
    });
  };

  return {
    send: ({ statement, body }) =>
      enqueue(
        `${topics}/up/statement`,
        Buffer.from(body === undefined ? statement : encode([statement, body])),
      ),
    async close() {
      closed = true;
      clearTimeout(retry);
      const current = client;
      if (current?.connected) {
        await new Promise<void>((resolve) => {
          current.publish(`${topics}/state`, "disconnected", { qos: 1, retain: true }, () =>
            resolve(),
          );
          current.once("close", () => resolve());
        });
      }
      client = null;
      current?.removeAllListeners("close");
      await new Promise<void>((resolve) =>
        current ? current.end(true, {}, () => resolve()) : resolve(),
      );
      for (const message of pending) message.failed(new SimulatorError("publisher.closed", device));
      pending.clear();
      for (const resume of waiting.splice(0)) resume();
    },
  };
}

/** Reads the gateway's answer. Its signature is not checked here: it tells a person what happened, the proof is in the log. */
function readResult(payload: Uint8Array): StatementResult | null {
  try {
    const said = decode(decodeSign1(payload).payload);
    if (!(said instanceof Map)) return null;
    const sequence = said.get("seq");
    const result = said.get("result");
    return typeof sequence === "number" && typeof result === "string" ? { sequence, result } : null;
  } catch {
    return null;
  }
}
