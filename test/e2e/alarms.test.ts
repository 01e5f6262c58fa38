// Alarms on real processes: CO2 over its limit, acknowledged and over; a silent device; webhooks and mails; restarts and kill -9.

import { createHmac, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { buildStatement, type Signer, signerFromSeed } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUILDING, type Fleet, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { answerReader, connectPacket, publishPacket } from "../stack/raw-mqtt.ts";

const SECRET = randomBytes(32);
const ROUNDS = 4;
const ANSWER_MS_MAX = 30_000;
/** A new device is known to the gateway after its next look at the registry. */
const SYNC_MS_MAX = 90_000;

interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly status: string;
  readonly says: string;
  readonly value: number;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  readonly closedBecause: string | null;
  readonly evidence: { readonly gateway: string; readonly index: number; readonly point: string };
  readonly deliveries: readonly {
    readonly channel: string;
    readonly event: string;
    readonly state: string;
  }[];
}
interface Hook {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly signed: boolean;
}

let fleet: Fleet;
let receiver: Server;
let mailServer: SMTPServer;
const hooks: Hook[] = [];
const mails: string[] = [];
/** How the receiver answers now. */
let answer: (response: ServerResponse) => void = ok;
let devices: readonly Device[];

function ok(response: ServerResponse): void {
  response.writeHead(204).end();
}

/** A device that counts CO2 every second, as a ratio. */
class Device {
  readonly id: string;
  readonly signer: Signer = signerFromSeed(randomBytes(32));
  #sequence = 0;
  #time = Math.floor(Date.now() / 1000) - 60;

  constructor(id: string) {
    this.id = id;
  }

  get place(): string {
    return `${BUILDING}/floor-1/${this.id}`;
  }

  /** Sends one reading and waits for its acknowledgement. */
  say(ppm: number): Promise<void> {
    this.#sequence += 1;
    this.#time = Math.max(this.#time + 1, Math.floor(Date.now() / 1000));
    const statement = buildStatement({
      signer: this.signer,
      iss: `urn:dev:os:32473-${this.id}`,
      sub: this.place,
      issuedAt: this.#time,
      sequence: this.#sequence,
      records: [{ name: "co2", unit: "/", value: ppm / 1_000_000, time: this.#time }],
    });
    return new Promise((resolve, reject) => {
      const socket = connect({ port: fleet.mqttPort(), host: "127.0.0.1" });
      const timer = setTimeout(() => end(new Error("no acknowledgement in time")), ANSWER_MS_MAX);
      const end = (error?: Error): void => {
        clearTimeout(timer);
        socket.destroy();
        if (error === undefined) resolve();
        else reject(error);
      };
      const read = answerReader({
        connack: () =>
          socket.write(
            publishPacket(`muniment/v1/${BUILDING}/${this.id}/up/statement`, 1, statement),
          ),
        puback: () => end(),
      });
      socket.on("data", read);
      socket.on("error", end);
      socket.write(connectPacket(this.id));
    });
  }
}

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { type, data } = JSON.parse(body) as { type: string; data: { subject: string } };
    const id = String(request.headers["webhook-id"]);
    const signed = createHmac("sha256", SECRET)
      .update(`${id}.${String(request.headers["webhook-timestamp"])}.${body}`)
      .digest("base64");
    hooks.push({
      id,
      type,
      subject: data.subject,
      signed: request.headers["webhook-signature"] === `v1,${signed}`,
    });
    answer(response);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  mailServer = new SMTPServer({
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  mailServer.on("error", () => undefined);
  await new Promise<void>((resolve) => mailServer.listen(0, "127.0.0.1", resolve));

  fleet = await startFleet(1, { gatewayArgs: ["--batch-age-ms-max", "100"] });
  const secretFile = join(fleet.data, "hook.secret");
  await writeFile(secretFile, `whsec_${SECRET.toString("base64")}\n`, { mode: 0o600 });
  const hookPort = (receiver.address() as AddressInfo).port;
  const mailPort = (mailServer.server.address() as AddressInfo).port;
  const alarms = {
    webhooks: [{ name: "ops", url: `http://127.0.0.1:${hookPort}/alarms`, secretFile }],
    smtp: {
      host: "127.0.0.1",
      port: mailPort,
      security: "none",
      from: "alarms@example.gov",
      to: ["manager@example.gov"],
    },
    answerMsMax: 2_000,
    retryMsMin: 50,
  };
  await writeFile(join(fleet.data, "ledger.json"), JSON.stringify({ alarms }));
  await fleet.ledger.stop();
  await fleet.restartLedger();

  const operator = await openOperator({
    keyPath: join(fleet.data, "keys", "operator.pem"),
    ledger: fleet.ledgerUrl,
  });
  devices = Array.from({ length: ROUNDS + 1 }, (_, n) => new Device(`co2-${n}`));
  for (const { id, place, signer } of devices) {
    const enrolled = await operator.submit("device.enrol", {
      device: id,
      building: BUILDING,
      place,
      urn: `urn:dev:os:32473-${id}`,
      key: signer.publicKey,
      points: [{ name: "co2", unit: "/", kind: "gauge", interval: 1, brick: "CO2_Level_Sensor" }],
    });
    expect(enrolled).toMatchObject({ ok: true });
  }
  await until(
    "the gateway knows the devices",
    async () => {
      const health = (await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as {
        registry: { counter: number };
      };
      return health.registry.counter >= devices.length + 1;
    },
    SYNC_MS_MAX,
  );
}, 180_000);

afterAll(async () => {
  await fleet?.close();
  receiver?.closeAllConnections();
  await new Promise((resolve) => receiver?.close(resolve));
  await new Promise<void>((resolve) => mailServer?.close(() => resolve()));
});

async function get<T>(path: string): Promise<T> {
  const response = await fetch(fleet.ledgerUrl + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
const alarmsOf = async (subject: string): Promise<readonly Alarm[]> =>
  (await get<{ items: Alarm[] }>("/api/v1/alarms")).items.filter((one) => one.subject === subject);
const told = (subject: string, type: string): readonly Hook[] =>
  hooks.filter((hook) => hook.subject === subject && hook.type === type);

async function muniment(args: readonly string[], stdin = ""): Promise<string> {
  const ran = await runProduct([...args, "--ledger", fleet.ledgerUrl], { stdin });
  expect(ran.stderr.replace(/^npm warn.*\n/gm, "")).toBe("");
  expect(ran.code).toBe(0);
  return ran.stdout;
}

/** The `alarm` events of /api/v1/events, until it is closed. */
function listen(): { readonly events: Record<string, unknown>[]; close(): void } {
  const events: Record<string, unknown>[] = [];
  const closing = new AbortController();
  const read = async (): Promise<void> => {
    const response = await fetch(`${fleet.ledgerUrl}/api/v1/events`, {
      headers: { accept: "text/event-stream" },
      signal: closing.signal,
    });
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const parts = text.split("\n\n");
      text = parts.pop()!;
      for (const part of parts)
        if (/^event: alarm$/m.test(part))
          events.push(JSON.parse(/^data: (.*)$/m.exec(part)![1]!) as Record<string, unknown>);
    }
  };
  void read().catch(() => undefined);
  return { events, close: () => closing.abort() };
}

test("CO2 over its limit: opened with its evidence, told, acknowledged, over", async () => {
  const [device] = devices as [Device];
  const rules = [
    {
      id: "co2-high",
      title: "CO2 too high",
      kind: "above",
      where: { brick: "CO2_Level_Sensor" },
      limit: 0.001,
      clear: 0.0008,
      severity: "critical",
      holdOffSeconds: 1,
    },
  ];
  expect(await muniment(["alarm", "rule", "add", "-"], JSON.stringify(rules))).toBe(
    `co2-high: watches ${devices.length} now\n`,
  );
  const live = listen();
  await device.say(640);
  await device.say(1_240);
  await until("the alarm is open", async () => (await alarmsOf(`${device.id}.co2`)).length === 1);
  const [alarm] = (await alarmsOf(`${device.id}.co2`)) as [Alarm];
  expect(alarm).toMatchObject({
    rule: "co2-high",
    status: "open",
    value: 0.00124,
    says: "co2-0.co2 (b1/floor-1/co2-0) reads 1240 ppm, above 1000 ppm",
    evidence: { gateway: "gw-1", point: `${device.id}.co2` },
  });
  // The entry it names is the reading that rang.
  const { gateway, index } = alarm.evidence;
  const { items } = await get<{ items: { index: number; value: number }[] }>(
    `/api/v1/points/${device.id}.co2/series?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z`,
  );
  expect(items.find((reading) => reading.index === index)?.value).toBe(0.00124);
  expect((await fetch(`${fleet.ledgerUrl}/evidence/${gateway}/${index}`)).status).toBe(200);

  await until("both were told", () => hooks.length === 1 && mails.length === 1);
  expect(hooks[0]).toMatchObject({
    type: "alarm.opened",
    subject: `${device.id}.co2`,
    signed: true,
  });
  expect(mails[0]).toContain("Subject: [critical] CO2 too high: co2-0.co2");

  expect(await muniment(["alarm", "list", "--status", "open"])).toContain(alarm.id);
  await muniment(["alarm", "ack", alarm.id, "--by", "facility desk", "--note", "window opened"]);
  expect(await alarmsOf(`${device.id}.co2`)).toMatchObject([
    { status: "acknowledged", acknowledgedBy: "facility desk", note: "window opened" },
  ]);

  await device.say(900);
  await device.say(700);
  await until(
    "the alarm is over",
    async () => (await alarmsOf(`${device.id}.co2`))[0]?.status === "closed",
  );
  await until("its end was told", () => hooks.length === 2 && mails.length === 2);
  expect(hooks[1]).toMatchObject({ type: "alarm.closed", signed: true });
  expect(/^In-Reply-To: (<.*>)/m.exec(mails[1]!)?.[1]).toBe(
    /^Message-ID: (<.*>)/m.exec(mails[0]!)?.[1],
  );
  const [closed] = (await alarmsOf(`${device.id}.co2`)) as [Alarm];
  expect(closed.closedBecause).toBe("cleared");
  expect(
    closed.deliveries.map(({ channel, event, state }) => `${channel} ${event} ${state}`).sort(),
  ).toEqual([
    "email closed delivered",
    "email opened delivered",
    "ops closed delivered",
    "ops opened delivered",
  ]);
  await until("pages heard of it", () => live.events.length >= 3);
  live.close();
  expect(live.events.map(({ event }) => event)).toEqual(["opened", "acknowledged", "closed"]);
  expect(live.events.at(-1)).toMatchObject({ id: alarm.id, status: "closed", unclosed: 0 });

  const metrics = await (await fetch(`${fleet.ledgerUrl}/metrics`)).text();
  expect(metrics).toContain('muniment_alarms_open{severity="critical"} 0');
  expect(metrics).toContain('muniment_alarm_deliveries_total{channel="ops",result="delivered"} 2');
}, 120_000);

test("a device falls silent, and is heard again; a restart judges and tells nothing twice", async () => {
  const [device] = devices as [Device];
  const rule = {
    id: "silent",
    kind: "silence",
    where: { device: device.id },
    intervals: 3,
    atLeastSeconds: 0,
    holdOffSeconds: 0,
  };
  await device.say(500);
  await muniment(["alarm", "rule", "add", "-"], JSON.stringify(rule));
  await until("it is silent", async () => (await alarmsOf(device.id))[0]?.status === "open");
  expect(await alarmsOf(device.id)).toMatchObject([
    { says: "co2-0 (b1/floor-1/co2-0) has been silent for more than 3 seconds" },
  ]);
  const rules = await get("/api/v1/alarm-rules");
  await fleet.ledger.stop();
  await fleet.restartLedger();
  expect(await get("/api/v1/alarm-rules")).toEqual(rules);
  expect((await alarmsOf(device.id)).map(({ status }) => status)).toEqual(["open"]);
  await until("it is heard", async () => {
    await device.say(500);
    return (await alarmsOf(device.id)).at(-1)?.status === "closed";
  });
  await muniment(["alarm", "rule", "remove", "silent"]);
  await until("all was told", async () =>
    (await alarmsOf(device.id)).every(({ deliveries }) =>
      deliveries.every(({ state }) => state === "delivered"),
    ),
  );
  const ids = told(device.id, "alarm.opened").map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength((await alarmsOf(device.id)).length);
  expect(told(`${device.id}.co2`, "alarm.opened")).toHaveLength(1);
}, 120_000);

test(`killed ${ROUNDS} times around the opening of an alarm: each is opened once and told at least once`, async () => {
  for (const [n, device] of devices.slice(1).entries()) {
    const subject = `${device.id}.co2`;
    // The receiver takes the message and never answers: the kill falls between opening and delivery.
    answer = () => undefined;
    await device.say(2_000);
    if (n % 2 === 0)
      await until("it is being told", () => told(subject, "alarm.opened").length > 0);
    else await new Promise((resolve) => setTimeout(resolve, 150 * n));
    await fleet.ledger.kill();
    receiver.closeAllConnections();
    answer = ok;
    await fleet.restartLedger();
    await until(
      `${subject} was told`,
      async () => {
        const [alarm] = await alarmsOf(subject);
        return (
          alarm?.deliveries.some(
            ({ channel, state }) => channel === "ops" && state === "delivered",
          ) === true
        );
      },
      SYNC_MS_MAX,
    );
    expect((await alarmsOf(subject)).map(({ status }) => status)).toEqual(["open"]);
    const ids = told(subject, "alarm.opened").map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    if (n % 2 === 0) expect(ids.length).toBeGreaterThan(1);
  }
}, 240_000);
