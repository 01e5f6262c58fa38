// The outbox with real receivers: an HTTP server that fails, hangs and is slow; one queue a channel; what is kept over a restart.

import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../ports.ts";
import { type Alarm, closeAlarm, openAlarm } from "./alarm.ts";
import type { Channel } from "./channel.ts";
import { type Delivery, plan } from "./delivery.ts";
import { createMail } from "./mail.ts";
import { Outbox, retryMs } from "./outbox.ts";
import { AlarmStore } from "./store.ts";
import { createWebhook, signatureOf } from "./webhook.ts";

const secret = Buffer.from("a secret of thirty-two bytes, ok");

interface Received {
  readonly path: string;
  readonly id: string;
  readonly body: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly signed: boolean;
}

let folder: string;
let store: AlarmStore;
let server: Server;
let url: string;
let answers: ((response: ServerResponse) => void)[];
let received: Received[];
const opened: Outbox[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-outbox-"));
  store = await AlarmStore.open(join(folder, "alarms"), "genesis");
  answers = [];
  received = [];
  server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const id = String(request.headers["webhook-id"]);
  const time = String(request.headers["webhook-timestamp"]);
  const expected = createHmac("sha256", secret).update(`${id}.${time}.${text}`).digest("base64");
  received.push({
    path: request.url ?? "",
    id,
    body: JSON.parse(text || "{}") as Received["body"],
    signed:
      request.headers["webhook-signature"] === `v1,${expected}` &&
      Math.abs(Number(time) * 1000 - Date.now()) < 60_000,
  });
  (answers.shift() ?? ((ok) => ok.writeHead(204).end()))(response);
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end("<p>some page</p>");

async function openOutbox(
  channels: readonly Channel[],
  limits: { readonly giveUpMs?: number; readonly retryMsMin?: number } = {},
): Promise<Outbox> {
  const outbox = await Outbox.open({
    store,
    channels,
    limits: { retryMsMin: 10, retryMsMax: 40, giveUpMs: 60_000, ...limits },
    clock: systemClock,
    random: () => 0.5,
  });
  opened.push(outbox);
  outbox.start();
  return outbox;
}

const hook = (answerMsMax = 500): Channel =>
  createWebhook({ name: "hook", url, secrets: [secret], answerMsMax });

function alarmOf(openedAt = Date.now()): Alarm {
  const subject = {
    id: "dev.co2",
    kind: "point" as const,
    building: "b1",
    place: null,
    unit: "ppm",
    brick: null,
    zone: "UTC",
  };
  const facts = {
    rule: "co2",
    ruleSince: 0,
    subject,
    severity: "warning" as const,
    title: "CO2",
    says: "CO2 is high",
  };
  const proof = { gateway: "gw-1", index: 7, point: "dev.co2", time: openedAt, clockless: false };
  const change = {
    kind: "raised" as const,
    at: openedAt,
    since: openedAt,
    value: 1_240,
    worst: 1_240,
  };
  return openAlarm({ ...facts, proof, foundAt: openedAt, historyMs: 1_000 }, change);
}

/** Deliveries for the events of an alarm, written as the alarms write them. */
async function tell(
  outbox: Outbox,
  outputs: readonly { readonly event: "opened" | "closed"; readonly alarm: Alarm }[],
): Promise<readonly Delivery[]> {
  const channels = outbox.channels().map(({ name }) => name);
  const { deliveries } = plan(
    outputs.map((output) => ({ ...output, holdOffMs: 0 })),
    {
      now: Date.now(),
      limits: { stormMax: 100, stormWindowMs: 1_000, waitingMax: 100 },
      channels,
      channelsOf: () => channels,
      deliveriesOf: () => [],
      isAtRest: (id) => outbox.isAtRest(id),
      waiting: () => 0,
      storm: () => null,
    },
  );
  await store.write({ alarms: outputs.map(({ alarm }) => alarm), deliveries });
  outbox.accept(deliveries);
  return deliveries;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("not in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const settled = async (alarm: Alarm, count = 1): Promise<readonly Delivery[]> => {
  const done = async () =>
    (await store.deliveriesOf(alarm.id)).filter(({ state }) => state !== "waiting");
  await until(async () => (await done()).length === count);
  return done();
};

describe("a webhook", () => {
  it("is signed as the specification's example is", () => {
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const body = '{"test": 2432232314}';
    const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    expect(signatureOf(id, 1_614_265_330, body, [key])).toBe(signature);
    expect(signatureOf(id, 1_614_265_330, body, [secret, key])).toMatch(/^v1,\S+ v1,g0hM/);
  });

  it("says what rang, with its evidence", async () => {
    const outbox = await openOutbox([hook()]);
    const alarm = alarmOf();
    await tell(outbox, [{ event: "opened", alarm }]);
    const [delivery] = await settled(alarm);
    expect(delivery).toMatchObject({ state: "delivered", attempts: 1, error: null, content: null });
    expect(received).toMatchObject([
      {
        id: delivery!.id,
        signed: true,
        body: {
          type: "alarm.opened",
          data: {
            id: alarm.id,
            subject: "dev.co2",
            value: 1_240,
            status: "open",
            evidence: { gateway: "gw-1", index: 7, point: "dev.co2" },
          },
        },
      },
    ]);
  });

  it("is tried again under the same id after errors, redirects, hangs and broken connections", async () => {
    const outbox = await openOutbox([hook(150)]);
    answers = [
      status(500),
      status(302, { location: `${url}/elsewhere` }),
      () => undefined,
      (response) => response.destroy(),
      (response) => void setTimeout(() => status(200)(response), 50),
    ];
    const alarm = alarmOf();
    await tell(outbox, [{ event: "opened", alarm }]);
    expect(await settled(alarm)).toMatchObject([{ state: "delivered", attempts: 5 }]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    expect(received.every(({ signed }) => signed)).toBe(true);
    expect(received.map(({ path }) => path)).toEqual(Array.from({ length: 5 }, () => "/hook"));
  });

  it("shows the last failure while it lasts, without addresses", async () => {
    const outbox = await openOutbox([hook()]);
    answers = Array.from({ length: 3 }, () => status(503));
    const alarm = alarmOf();
    const seen: (string | null)[] = [];
    outbox.onOutcome(() => seen.push(outbox.channels()[0]!.error));
    await tell(outbox, [{ event: "opened", alarm }]);
    await settled(alarm);
    expect(seen).toEqual(["HTTP 503", "HTTP 503", "HTTP 503", null]);
  });

  it("is given up when the receiver wants it no more, or when it grew too old", async () => {
    const outbox = await openOutbox([hook()], { giveUpMs: 60 });
    answers = [status(410)];
    const gone = alarmOf(1);
    await tell(outbox, [{ event: "opened", alarm: gone }]);
    expect(await settled(gone)).toMatchObject([
      { state: "given-up", attempts: 1, error: "HTTP 410" },
    ]);
    answers = Array.from({ length: 50 }, () => status(500));
    const old = alarmOf(2);
    await tell(outbox, [{ event: "opened", alarm: old }]);
    const [delivery] = await settled(old);
    expect(delivery).toMatchObject({ state: "given-up", error: "HTTP 500" });
    expect(delivery!.attempts).toBeGreaterThan(1);
  });

  it("waits as long as the receiver asks", () => {
    const limits = { retryMsMin: 10, retryMsMax: 1_000, giveUpMs: 1 };
    expect([1, 2, 3, 20].map((attempts) => retryMs(limits, attempts, null, 0))).toEqual([
      5, 10, 20, 500,
    ]);
    expect(retryMs(limits, 2, null, 0.999)).toBe(20);
    expect(retryMs(limits, 1, 5_000, 0)).toBe(5_000);
  });
});

describe("messages of one alarm", () => {
  it("keep their order while the first is tried again", async () => {
    const outbox = await openOutbox([hook()]);
    answers = [status(500), status(500)];
    const alarm = alarmOf();
    await tell(outbox, [
      { event: "opened", alarm },
      { event: "closed", alarm: closeAlarm(alarm, Date.now(), "cleared") },
    ]);
    await settled(alarm, 2);
    expect(received.map(({ body }) => body.type)).toEqual([
      "alarm.opened",
      "alarm.opened",
      "alarm.opened",
      "alarm.closed",
    ]);
  });

  it("that waited are sent by the next run; those of a channel that is gone are given up", async () => {
    answers = Array.from({ length: 1_000 }, () => status(500));
    const first = await openOutbox([hook()], { retryMsMin: 40 });
    const alarm = alarmOf();
    await tell(first, [{ event: "opened", alarm }]);
    await until(() => received.length > 0);
    await first.close();
    answers = [];
    await openOutbox([hook()]);
    expect(await settled(alarm)).toMatchObject([{ state: "delivered" }]);
    // What was delivered waits no more.
    expect(await store.waiting()).toEqual([]);

    const lost = alarmOf(5);
    answers = Array.from({ length: 1_000 }, () => status(500));
    const third = await openOutbox([hook()], { retryMsMin: 40 });
    await tell(third, [{ event: "opened", alarm: lost }]);
    await third.close();
    await openOutbox([]);
    expect(await settled(lost)).toMatchObject([
      { state: "given-up", error: "no such channel is configured" },
    ]);
  });
});

it("a mail server that never answers holds no webhook up", async () => {
  const sockets = new Set<Socket>();
  const deaf = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const mail = createMail({
    settings: {
      name: "email",
      host: "127.0.0.1",
      port: (deaf.address() as AddressInfo).port,
      security: "none",
      from: "alarms@example.gov",
      to: ["manager@example.gov"],
    },
    login: null,
    certificates: null,
    pageUrl: null,
    answerMsMax: 1_500,
  });
  const outbox = await openOutbox([mail, hook()], { giveUpMs: 300 });
  const alarms = [1, 2, 3].map((n) => alarmOf(n));
  for (const alarm of alarms) await tell(outbox, [{ event: "opened", alarm }]);
  await until(() => received.length === 3 && outbox.channels()[1]!.waiting === 0);
  expect(outbox.channels()).toMatchObject([
    { name: "email", waiting: 3, deliveredAt: null },
    { name: "hook", waiting: 0, error: null },
  ]);
  const states = (await settled(alarms[0]!, 2)).map(({ channel, state, error }) => [
    channel,
    state,
    error,
  ]);
  expect(states).toContainEqual(["email", "given-up", "no answer within 1500 ms"]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => deaf.close(resolve));
});
