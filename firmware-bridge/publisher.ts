// The bridge's MQTT connection to the gateway (F8): statements up, the gateway's words down. The only file that imports mqtt. It
// keeps nothing: what has no outcome when the connection ends is the board's to send again (decision 7).

import { Socket } from "node:net";
import { decode, decodeSign1, FormatError, toHex } from "@muniment/core";
import mqtt, { type ISubscriptionGrant, type MqttClient } from "mqtt";
import type { Envelope } from "./envelope.ts";
import type { Clock, Random } from "./ports.ts";

export interface PublisherLimits {
  readonly connectMsMax: number;
  readonly keepaliveSeconds: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** Statements sent and without an outcome. */
  readonly inFlightMax: number;
  /** The gateway's word follows its PUBACK; without it the statement is asked about again. */
  readonly wordMsMax: number;
  /** Pause before a topic that was refused is asked for again. */
  readonly grantMsMin: number;
  /** Topics in one SUBSCRIBE. */
  readonly filtersMax: number;
  readonly timeMsMax: number;
}

export const publisherLimits: PublisherLimits = {
  connectMsMax: 10_000,
  keepaliveSeconds: 30,
  backoffMsMin: 250,
  backoffMsMax: 30_000,
  inFlightMax: 64,
  wordMsMax: 5_000,
  grantMsMin: 5_000,
  filtersMax: 64,
  timeMsMax: 2_000,
};

/** What became of a statement: the gateway's result, or why there is none. Only a result means that it is durable. */
export type Word =
  | { readonly kind: "result"; readonly result: string }
  | { readonly kind: "none"; readonly why: NoWord };

/** offline: no connection. refused: the gateway does not let this bridge speak for the device (yet). busy: too many at a time,
 * or the same statement is on its way with another body. lost: the connection ended. silent: acknowledged without a word. */
export type NoWord = "offline" | "refused" | "busy" | "lost" | "silent";

export interface Publisher {
  /** Sends a statement under a device's topic. */
  submit(device: string, envelope: Envelope): Promise<Word>;
  /** The gateway's signed word on the time, not older than the question; null when none comes. */
  time(): Promise<Uint8Array | null>;
  /** The devices to speak for, besides the bridge itself. */
  speakFor(devices: Iterable<string>): void;
  isConnected(): boolean;
  /** Devices that the gateway lets this bridge speak for. */
  granted(): number;
  inFlight(): number;
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly url: string;
  readonly building: string;
  /** Client id, and the device that unknown statements go under. */
  readonly bridge: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: PublisherLimits;
  readonly onConnect: () => void;
  readonly onTrouble: (reason: string, waitMs: number) => void;
  readonly onRefused: (device: string) => void;
}

interface Waiting {
  readonly hashes: readonly string[];
  readonly payload: Uint8Array;
  readonly heard: ((word: Word) => void)[];
  cancel: () => void;
}

/** Opens the connection and keeps it up until it is closed. */
export function openPublisher(options: PublisherOptions): Publisher {
  const { url, building, bridge, clock, random, limits } = options;
  const base = `muniment/v1/${building}`;
  const timeTopic = `${base}/${bridge}/down/time`;
  /** By the hash that the gateway will name. */
  const waiting = new Map<string, Waiting>();
  let inFlight = 0;
  let devices: ReadonlySet<string> = new Set([bridge]);
  /** Devices whose answers are subscribed to. */
  const granted = new Set<string>();
  const timeHeard: ((time: Uint8Array | null) => void)[] = [];
  let client: MqttClient | null = null;
  let attempt = 0;
  let closed = false;
  let cancelRetry = (): void => {};
  let cancelGrants = (): void => {};
  let cancelTime = (): void => {};

  const connect = (): void => {
    let trouble = "connection closed";
    const current = mqtt.connect(url, {
      protocolVersion: 4,
      clean: true,
      clientId: bridge,
      keepalive: limits.keepaliveSeconds,
      connectTimeout: limits.connectMsMax,
      reconnectPeriod: 0,
      will: {
        topic: `${base}/${bridge}/state`,
        payload: Buffer.from("disconnected"),
        qos: 1,
        retain: true,
      },
    });
    client = current;
    current.on("connect", () => {
      attempt = 0;
      // Else a statement behind the acknowledgement of a word waits for the gateway's delayed TCP ACK (RFC 896, RFC 1122 4.2.3.2).
      if (current.stream instanceof Socket) current.stream.setNoDelay(true);
      current.publish(`${base}/${bridge}/state`, "ready", { qos: 1, retain: true }, () => {});
      askForGrants();
      options.onConnect();
    });
    current.on("message", (topic, payload) => {
      if (topic === timeTopic) tellTime(payload);
      else if (topic.endsWith("/down/ack")) heardAck(payload);
    });
    current.on("error", (error) => {
      trouble = error.message || String((error as { code?: unknown }).code ?? "connection refused");
    });
    current.on("close", () => {
      if (client !== current) return;
      client = null;
      granted.clear();
      cancelGrants();
      current.removeAllListeners();
      current.on("error", () => {});
      current.end(true);
      for (const hash of [...waiting.keys()]) settle(hash, { kind: "none", why: "lost" });
      tellTime(null);
      if (closed) return;
      // Full jitter: a street of bridges must not come back in one second.
      const waitMs = Math.round(
        limits.backoffMsMin +
          random() * Math.min(limits.backoffMsMax, limits.backoffMsMin * 2 ** attempt++),
      );
      options.onTrouble(trouble, waitMs);
      cancelRetry = clock.after(waitMs, connect);
    });
  };

  /** Subscribes to the answers of all devices that are not granted yet; what is refused is asked for again later. */
  function askForGrants(): void {
    cancelGrants();
    const current = client;
    if (current === null || !current.connected) return;
    const wanted = [...devices].filter((device) => !granted.has(device));
    for (let at = 0; at < wanted.length; at += limits.filtersMax) {
      const asked = wanted.slice(at, at + limits.filtersMax);
      const filters = asked.map((device) => `${base}/${device}/down/ack`);
      current.subscribe(filters, { qos: 1 }, (error, subscriptions) => {
        if (client !== current) return;
        const grants = grantsOf(error, subscriptions);
        for (const [i, device] of asked.entries()) {
          if ((grants[i] ?? REFUSED) < REFUSED) granted.add(device);
          else options.onRefused(device);
        }
        if (asked.some((device) => !granted.has(device)))
          cancelGrants = clock.after(limits.grantMsMin, askForGrants);
      });
    }
  }

  function heardAck(bytes: Uint8Array): void {
    const ack = readAck(bytes);
    if (ack !== null) settle(ack.hash, { kind: "result", result: ack.result });
  }

  /** Ends the wait for one statement, under whichever of its hashes the gateway named. */
  function settle(hash: string, word: Word): void {
    const one = waiting.get(hash);
    if (one === undefined) return;
    for (const key of one.hashes) waiting.delete(key);
    inFlight -= 1;
    one.cancel();
    for (const tell of one.heard) tell(word);
  }

  function tellTime(time: Uint8Array | null): void {
    cancelTime();
    for (const tell of timeHeard.splice(0)) tell(time);
  }

  connect();
  return {
    submit(device, { payload, hash, payloadHash }) {
      const none = (why: NoWord): Promise<Word> => Promise.resolve({ kind: "none", why });
      const current = client;
      if (current === null || !current.connected) return none("offline");
      if (!granted.has(device)) return none("refused");
      const before = waiting.get(hash) ?? waiting.get(payloadHash);
      // The gateway names the statement, not its body: two bodies of one statement must not be on their way at once.
      if (before !== undefined && !Buffer.from(before.payload).equals(payload)) return none("busy");
      if (before !== undefined) return new Promise((tell) => before.heard.push(tell));
      if (inFlight >= limits.inFlightMax) return none("busy");
      inFlight += 1;
      return new Promise((tell) => {
        const hashes = [hash, payloadHash];
        const one: Waiting = { hashes, payload, heard: [tell], cancel: () => {} };
        for (const key of hashes) waiting.set(key, one);
        current.publish(
          `${base}/${device}/up/statement`,
          Buffer.from(payload.buffer, payload.byteOffset, payload.length),
          { qos: 1 },
          (error) => {
            // An error here means that the connection ended, which settles all of them.
            if (error || waiting.get(hash) !== one) return;
            one.cancel = clock.after(limits.wordMsMax, () =>
              settle(hash, { kind: "none", why: "silent" }),
            );
          },
        );
      });
    },
    time() {
      const current = client;
      if (current === null || !current.connected) return Promise.resolve(null);
      return new Promise((tell) => {
        timeHeard.push(tell);
        if (timeHeard.length > 1) return;
        // The gateway tells the time to whoever subscribes, so a subscription is the question.
        current.subscribe(timeTopic, { qos: 0 }, () => {});
        cancelTime = clock.after(limits.timeMsMax, () => tellTime(null));
      });
    },
    speakFor(others) {
      devices = new Set([bridge, ...others]);
      for (const device of granted) if (!devices.has(device)) granted.delete(device);
      askForGrants();
    },
    isConnected: () => client?.connected ?? false,
    granted: () => granted.size,
    inFlight: () => inFlight,
    async close() {
      closed = true;
      cancelRetry();
      cancelGrants();
      const current = client;
      if (current?.connected)
        await new Promise<void>((resolve) => {
          current.publish(`${base}/${bridge}/state`, "disconnected", { qos: 1, retain: true }, () =>
            resolve(),
          );
          current.once("close", () => resolve());
        });
      client = null;
      current?.removeAllListeners("close");
      await new Promise<void>((resolve) => {
        if (current === null) resolve();
        else current.end(true, {}, () => resolve());
      });
      for (const hash of [...waiting.keys()]) settle(hash, { kind: "none", why: "lost" });
      tellTime(null);
    },
  };
}

/** What a SUBACK says of each filter: its QoS, or 0x80 for one that is refused (MQTT 3.9.3). */
function grantsOf(
  error: Error | null,
  subscriptions: readonly ISubscriptionGrant[] = [],
): readonly number[] {
  if (error === null) return subscriptions.map(({ qos }) => qos);
  return (
    (error as { readonly packet?: { readonly granted?: readonly number[] } }).packet?.granted ?? []
  );
}

const REFUSED = 0x80;

/** Reads the gateway's word. Its signature is not checked: the connection to the gateway is what the bridge trusts (README). */
function readAck(bytes: Uint8Array): { readonly hash: string; readonly result: string } | null {
  try {
    const said = decode(decodeSign1(bytes).payload);
    if (!(said instanceof Map)) return null;
    const hash = said.get("hash");
    const result = said.get("result");
    if (!(hash instanceof Uint8Array) || typeof result !== "string") return null;
    return { hash: toHex(hash), result };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
