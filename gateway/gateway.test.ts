// The whole gateway in one process: started, fed over MQTT, stopped, started again (D3, D4).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildStatement,
  leafHash,
  makeVkey,
  openCheckpoint,
  readEntries,
  rootFromTiles,
  sha256,
  signerFromSeed,
  toHex,
  utf8,
} from "@muniment/core";
import { loadOrCreateKey } from "@muniment/core/files";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { saveCommission } from "./commission.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { MemoryLedger } from "./sync/memory-ledger.ts";

const device = signerFromSeed(sha256(utf8("device d1")));
const URN = "urn:dev:os:32473-d1";
const START_S = 1_700_000_000;

let data: string;
let ledger: MemoryLedger;
let running: Gateway[];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "muniment-gateway-"));
  running = [];
  ledger = new MemoryLedger();
  const directory = join(data, "gateways", "gw-1");
  const key = await loadOrCreateKey(join(directory, "keys", "gateway.pem"));
  const logKey = await loadOrCreateKey(join(directory, "keys", "log.pem"));
  ledger.enrolGateway("gw-1", "b1", key.publicKey, logKey.publicKey);
  ledger.registerKey("d1", device.publicKey);
  await saveCommission(directory, {
    gateway: "gw-1",
    building: "b1",
    origin: ledger.origin,
    genesis: toHex(sha256(ledger.genesis)),
    genesisLeaf: toHex(leafHash(ledger.genesis)),
    policy: ledger.policy(),
    archives: [toHex(ledger.archive.publicKey)],
    archivesNeeded: 1,
    urls: ["http://127.0.0.1:9"],
  });
});
afterEach(async () => {
  for (const gateway of running) await gateway.close();
  await rm(data, { recursive: true });
});

async function start(
  online = true,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<Gateway> {
  const settings = {
    data,
    id: "gw-1",
    mqttPort: 0,
    httpPort: 0,
    workers: 1,
    batchAgeMsMax: 20,
    registryPollMs: 50,
    backoffMsMax: 50,
  };
  const world = online ? { client: () => ledger.client() } : {};
  const gateway = await createGateway({ ...settings, ...extra, logLevel: "silent" }, world);
  running.push(gateway);
  return gateway;
}

function statement(n: number): Buffer {
  const records = [{ name: "temp", unit: "Cel", value: 20 + (n % 5), time: START_S + n }];
  return Buffer.from(
    buildStatement({
      signer: device,
      iss: URN,
      sub: "b1",
      issuedAt: START_S + n,
      sequence: n,
      records,
    }),
  );
}

/** Publishes and waits for every PUBACK. */
async function publish(gateway: Gateway, from: number, to: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
    clientId: "d1",
    protocolVersion: 4,
  });
  const sent: Promise<unknown>[] = [];
  for (let n = from; n <= to; n++) {
    sent.push(client.publishAsync("muniment/v1/b1/d1/up/statement", statement(n), { qos: 1 }));
  }
  await Promise.all(sent);
  await client.endAsync();
}

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 4_000) throw new Error("it never came to hold");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a gateway", () => {
  it("takes readings, logs them, and proves them final; the log verifies from its HTTP files alone", async () => {
    const gateway = await start();
    await publish(gateway, 1, 300);
    await until(() => gateway.status().log.anchoredSize === 301);
    const base = `http://127.0.0.1:${gateway.httpPort}`;
    const get = async (path: string): Promise<Response> => fetch(`${base}/${path}`);

    const health = (await (await get("health")).json()) as ReturnType<Gateway["status"]>;
    expect(health).toMatchObject({
      status: "ok",
      gateway: "gw-1",
      registry: { counter: 1 },
      alarms: [],
    });
    const { origin } = health.log;
    const logKey = (await loadOrCreateKey(join(data, "gateways", "gw-1", "keys", "log.pem")))
      .publicKey;
    const { size, root } = openCheckpoint(
      await (await get("checkpoint")).text(),
      makeVkey(origin, 1, logKey),
    );
    const readTile = async (path: string) => {
      const response = await get(path);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
    };
    expect(await rootFromTiles(size, readTile)).toEqual(root);
    const entries = await readEntries(1, size, size, readTile);
    expect(entries.map((entry) => toHex(entry)).sort()).toEqual(
      Array.from({ length: 300 }, (_, n) => toHex(statement(n + 1))).sort(),
    );
    expect(await (await get("metrics")).text()).toContain("muniment_gateway_log_anchored_size 301");
    expect((await get("tile/0/../../../keys/log.pem")).status).toBe(404);
    expect((await get("nothing")).headers.get("content-type")).toBe("application/problem+json");
  });

  it("counts nothing twice and loses nothing over restarts, with and without the ledger", async () => {
    let gateway = await start();
    await publish(gateway, 1, 40);
    await gateway.close();

    gateway = await start(false);
    expect(gateway.status().registry.counter).toBe(1);
    await publish(gateway, 21, 80);
    await until(() => gateway.status().log.size === 81);
    await until(() => gateway.status().alarms.some(({ code }) => code === "ledger.unreachable"));
    expect(gateway.status()).toMatchObject({ status: "degraded" });
    await gateway.close();

    gateway = await start();
    await publish(gateway, 61, 100);
    await until(() => gateway.status().log.anchoredSize === 101);
    expect(gateway.status()).toMatchObject({ status: "ok", quarantine: { count: 0 } });
  });

  it("keeps what an unknown key sent, and admits it when the key is enrolled", async () => {
    const other = signerFromSeed(sha256(utf8("device d2")));
    const gateway = await start();
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
      clientId: "d2",
      protocolVersion: 4,
    });
    const records = [{ name: "temp", unit: "Cel", value: 20, time: START_S }];
    const reading = {
      signer: other,
      iss: "urn:dev:os:32473-d2",
      sub: "b1",
      issuedAt: START_S,
      sequence: 1,
      records,
    };
    await client.publishAsync(
      "muniment/v1/b1/d2/up/statement",
      Buffer.from(buildStatement(reading)),
      { qos: 1 },
    );
    await client.endAsync();
    const quarantine = await (
      await fetch(`http://127.0.0.1:${gateway.httpPort}/quarantine?limit=5`)
    ).json();
    expect(quarantine).toMatchObject({
      items: [{ reason: "unknown-key", device: "d2", sequence: 1 }],
      next: null,
    });
    ledger.registerKey("d2", other.publicKey);
    await until(() => gateway.status().log.anchoredSize === 2);
    await until(() => gateway.status().quarantine.count === 0);
  });

  it("says when it takes no more, and when it does again", async () => {
    const gateway = await start(true, { quarantineBytesMax: 300, quarantineClientBytesMax: 9_000 });
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
      clientId: "d1",
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    for (let n = 0; n < 4; n++)
      client.publish("muniment/v1/b1/d1/up/statement", Buffer.alloc(40), { qos: 1 }, () => {});
    await closed;
    await client.endAsync(true);
    expect(gateway.status()).toMatchObject({
      status: "degraded",
      alarms: [{ code: "quarantine.full" }],
    });
    // What is admitted needs no room there.
    await publish(gateway, 1, 3);
  });

  it("names what is missing when it was never enrolled", async () => {
    await expect(createGateway({ data, id: "gw-2" })).rejects.toMatchObject({
      code: "commission.missing",
    });
    await expect(createGateway({ data, id: "GW" })).rejects.toMatchObject({
      code: "config.invalid",
    });
  });
});
