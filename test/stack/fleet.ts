// A building, a gateway and many devices on a real ledger node, enrolled by its operator's key.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStatement, type SenmlRecord, type Signer, signerFromSeed } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import { type Product, runProduct, startProduct } from "./process.ts";

export const BUILDING = "b1";
export const GATEWAY = "gw-1";

/** A device with its key; `next()` signs its next statement. */
export interface FleetDevice {
  readonly id: string;
  readonly signer: Signer;
  readonly topic: string;
  sequence: number;
  sign(records: readonly SenmlRecord[], issuedAt?: number): Uint8Array;
}

/** The running stack. Processes may be killed and started again; the data folder stays until close(). */
export interface Fleet {
  readonly data: string;
  readonly devices: readonly FleetDevice[];
  ledger: Product;
  gateway: Product;
  readonly ledgerUrl: string;
  mqttPort(): number;
  gatewayUrl(): string;
  restartLedger(): Promise<void>;
  restartGateway(env?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** Point that every device of a fleet has: temperature each minute. */
export const POINT = { name: "temp", unit: "Cel", kind: "gauge", interval: 60 } as const;

/** Starts ledger and gateway and enrols `count` devices. */
export async function startFleet(
  count: number,
  options: {
    readonly gatewayArgs?: readonly string[];
    readonly gatewayEnv?: Readonly<Record<string, string>>;
    readonly devicePrefix?: string;
    /** A device of this id is enrolled as well, and is the bridge of all others. */
    readonly bridge?: string;
  } = {},
): Promise<Fleet> {
  const data = await mkdtemp(join(tmpdir(), "muniment-fleet-"));
  let ledgerPort = "0";
  let mqttPort = "0";
  const startLedger = () => startProduct(["ledger", "--data", data, "--port", ledgerPort]);
  let ledger = await startLedger();
  const ledgerUrl = String(ledger.ready.url);
  ledgerPort = new URL(ledgerUrl).port; // the gateway's commission names the address, so a restart keeps it

  const operator = await openOperator({
    keyPath: join(data, "keys", "operator.pem"),
    ledger: ledgerUrl,
  });
  const submit = async (kind: string, body: Parameters<typeof operator.submit>[1]) => {
    const answer = await operator.submit(kind, body);
    if (!answer.ok) throw new Error(`${kind}: ${answer.code} ${answer.message}`);
  };
  await submit("building.register", {
    building: BUILDING,
    name: "Test building",
    zone: "Europe/London",
  });
  const devices = Array.from({ length: count }, (_, n) =>
    makeDevice(`${options.devicePrefix ?? "dev"}-${n}`),
  );
  const enrol = (device: FleetDevice, more: { readonly bridge?: string } = {}) =>
    submit("device.enrol", {
      device: device.id,
      building: BUILDING,
      place: `${BUILDING}/lab`,
      urn: urnOf(device.id),
      key: device.signer.publicKey,
      points: [POINT],
      ...more,
    });
  const { bridge } = options;
  if (bridge !== undefined) await enrol(makeDevice(bridge));
  for (const device of devices) await enrol(device, bridge === undefined ? {} : { bridge });
  const enrolled = await runProduct([
    "gateway",
    "enrol",
    "--data",
    data,
    "--id",
    GATEWAY,
    "--building",
    BUILDING,
    "--ledger",
    ledgerUrl,
  ]);
  if (enrolled.code !== 0) throw new Error(`gateway enrol: ${enrolled.stdout}${enrolled.stderr}`);

  const startGateway = (env?: Readonly<Record<string, string>>) =>
    startProduct(
      [
        "gateway",
        "--data",
        data,
        "--id",
        GATEWAY,
        "--mqtt-port",
        mqttPort,
        "--http-port",
        "0",
        ...(options.gatewayArgs ?? []),
      ],
      { ...options.gatewayEnv, ...env },
    );
  let gateway = await startGateway();
  mqttPort = new URL(String(gateway.ready.mqtt)).port;

  return {
    data,
    devices,
    get ledger() {
      return ledger;
    },
    set ledger(next) {
      ledger = next;
    },
    get gateway() {
      return gateway;
    },
    set gateway(next) {
      gateway = next;
    },
    ledgerUrl,
    mqttPort: () => Number(mqttPort),
    gatewayUrl: () => String(gateway.ready.http),
    async restartLedger() {
      ledger = await startLedger();
    },
    async restartGateway(env) {
      gateway = await startGateway(env);
    },
    async close() {
      await gateway.stop();
      await ledger.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function urnOf(device: string): string {
  return `urn:dev:os:32473-${device}`;
}

function makeDevice(id: string): FleetDevice {
  const signer = signerFromSeed(randomBytes(32));
  return {
    id,
    signer,
    topic: `muniment/v1/${BUILDING}/${id}/up/statement`,
    sequence: 0,
    sign(records, issuedAt = Math.floor(Date.now() / 1000)) {
      this.sequence += 1;
      return buildStatement({
        signer,
        iss: urnOf(id),
        sub: `${BUILDING}/lab`,
        issuedAt,
        sequence: this.sequence,
        records,
      });
    },
  };
}

/** Waits until a condition holds, asking every 50 ms. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  msMax = 30_000,
): Promise<void> {
  const end = Date.now() + msMax;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${msMax} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
