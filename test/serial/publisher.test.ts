// The bridge's MQTT side against a broker that does as it is told: why there is no word, and that no two statements are confused.

import {
  encode,
  encodeSign1,
  fromHex,
  keyThumbprint,
  sha256,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { afterEach, expect, test } from "vitest";
import type { Envelope } from "../../firmware-bridge/envelope.ts";
import { openPublisher, type Publisher, publisherLimits } from "../../firmware-bridge/publisher.ts";
import { systemClock } from "../../firmware-bridge/system-clock.ts";
import { type Behaviour, openRawBroker, type RawBroker } from "../../simulator/raw-broker.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const gateway = signerFromSeed(sha256(utf8("gateway")));
/** A word of the gateway about a hash, or what looks like one. */
function word(hash: string, result: string): Uint8Array {
  const header = new Map<number, string | Uint8Array>([
    [3, "application/vnd.muniment.ack+cbor"],
    [4, keyThumbprint(gateway.publicKey)],
  ]);
  const payload = encode({ seq: 1, result, hash: fromHex(hash), inLogBy: null });
  return encodeSign1({ header, payload, signer: gateway });
}

const hashOf = (n: number): string => String(n).padStart(64, "0");
const envelope = (hash: number, payload = `statement ${hash}`, payloadHash = hash): Envelope => ({
  ...{ payload: utf8(payload), kidHex: null },
  ...{ hash: hashOf(hash), payloadHash: hashOf(payloadHash) },
});

interface Opened {
  readonly broker: RawBroker;
  readonly publisher: Publisher;
  readonly refused: string[];
}

async function open(
  behaviour: Behaviour,
  options: {
    readonly devices?: readonly string[];
    readonly mayListen?: (filter: string) => boolean;
    readonly limits?: Partial<typeof publisherLimits>;
  } = {},
): Promise<Opened> {
  const broker = await openRawBroker(
    // The state of the bridge itself is of no interest.
    (message) => (message.topic.endsWith("/state") ? "ack" : behaviour(message)),
    options.mayListen,
  );
  const refused: string[] = [];
  const publisher = openPublisher({
    ...{ url: broker.url, building: "b1", bridge: "br-1", clock: systemClock, random: () => 0 },
    limits: { ...publisherLimits, backoffMsMin: 10, backoffMsMax: 10, ...options.limits },
    onConnect: () => {},
    onTrouble: () => {},
    onRefused: (device) => refused.push(device),
  });
  closing.push(
    () => broker.close(),
    () => publisher.close(),
  );
  publisher.speakFor(options.devices ?? ["board-1", "board-2"]);
  await expect.poll(() => publisher.isConnected()).toBe(true);
  await expect.poll(() => publisher.granted() + refused.length).toBeGreaterThan(0);
  return { broker, publisher, refused };
}

const statements = (broker: RawBroker) =>
  broker.received
    .filter(({ topic }) => topic.endsWith("/up/statement"))
    .map(({ topic, payload }) => `${topic.split("/")[3]} ${Buffer.from(payload).toString()}`);
const none = (why: string) => ({ kind: "none", why });

test("each statement hears the word about its own hash, whatever the order", async () => {
  const { broker, publisher } = await open(() => "ack");
  const words = [
    publisher.submit("board-1", envelope(1)),
    publisher.submit("board-2", envelope(2)),
  ];
  await expect
    .poll(() => statements(broker))
    .toEqual(["board-1 statement 1", "board-2 statement 2"]);
  const to = "muniment/v1/b1/board-1/down/ack";
  broker.publish(to, utf8("not a word"));
  broker.publish(to, word(hashOf(9), "conflict"));
  broker.publish(to, word(hashOf(2), "duplicate"));
  broker.publish(to, word(hashOf(1), "admitted"));
  expect(await Promise.all(words)).toEqual([
    { kind: "result", result: "admitted" },
    { kind: "result", result: "duplicate" },
  ]);
  expect(publisher.inFlight()).toBe(0);
});

test("an access event hears of its statement, or of the whole when that could not be read", async () => {
  const { broker, publisher } = await open(() => "ack");
  for (const named of [1, 2]) {
    const said = publisher.submit("board-1", envelope(1, "[statement, body]", 2));
    await expect.poll(() => publisher.inFlight()).toBe(1);
    broker.publish("muniment/v1/b1/board-1/down/ack", word(hashOf(named), "admitted"));
    expect(await said).toEqual({ kind: "result", result: "admitted" });
  }
});

test("the same statement twice is asked once; with another body it must wait", async () => {
  const { broker, publisher } = await open(() => "ack");
  const first = publisher.submit("board-1", envelope(1, "[statement, body]", 2));
  const again = publisher.submit("board-1", envelope(1, "[statement, body]", 2));
  expect(await publisher.submit("board-1", envelope(1, "[statement, other]", 3))).toEqual(
    none("busy"),
  );
  await expect.poll(() => statements(broker).length).toBe(1);
  broker.publish("muniment/v1/b1/board-1/down/ack", word(hashOf(1), "late"));
  expect(await first).toEqual(await again);
});

test("no more than so many are on their way", async () => {
  const { publisher } = await open(() => "ignore", { limits: { inFlightMax: 2 } });
  for (const n of [1, 2]) void publisher.submit("board-1", envelope(n));
  expect(await publisher.submit("board-1", envelope(3))).toEqual(none("busy"));
});

test("a connection that ends leaves no word, and is opened again", async () => {
  const { broker, publisher } = await open(() => "cut");
  expect(await publisher.submit("board-1", envelope(1))).toEqual(none("lost"));
  expect(await publisher.submit("board-1", envelope(2))).toEqual(none("offline"));
  await expect.poll(() => publisher.granted()).toBe(3);
  // It keeps nothing: the board sends again, not the bridge.
  expect(statements(broker)).toEqual(["board-1 statement 1"]);
});

test("an acknowledgement without a word is no answer", async () => {
  const { publisher } = await open(() => "ack", { limits: { wordMsMax: 20 } });
  expect(await publisher.submit("board-1", envelope(1))).toEqual(none("silent"));
  expect(publisher.inFlight()).toBe(0);
});

test("for a device that the gateway refuses nothing is sent, until it does not", async () => {
  let known = false;
  const { broker, publisher, refused } = await open(() => "ack", {
    mayListen: (filter) => known || !filter.includes("board-2"),
    limits: { grantMsMin: 20 },
  });
  expect(refused).toContain("board-2");
  expect(publisher.granted()).toBe(2);
  expect(await publisher.submit("board-2", envelope(2))).toEqual(none("refused"));
  expect(statements(broker)).toEqual([]);
  known = true;
  await expect.poll(() => publisher.granted()).toBe(3);
});

test("more devices than fit one SUBSCRIBE, and devices that come later", async () => {
  const devices = Array.from({ length: 150 }, (_, n) => `board-${n}`);
  const { publisher } = await open(() => "ack", { devices });
  await expect.poll(() => publisher.granted()).toBe(151);
  publisher.speakFor([...devices, "board-new"]);
  await expect.poll(() => publisher.granted()).toBe(152);
  publisher.speakFor(["board-new"]);
  await expect.poll(() => publisher.granted()).toBe(2);
});

test("the time is one that comes after the question; when none comes there is none", async () => {
  const { broker, publisher } = await open(() => "ack", { limits: { timeMsMax: 200 } });
  const topic = "muniment/v1/b1/br-1/down/time";
  const asked = [publisher.time(), publisher.time()];
  broker.publish(topic, utf8("now"));
  for (const time of await Promise.all(asked)) expect(Buffer.from(time!).toString()).toBe("now");
  expect(await publisher.time()).toBeNull();
});
