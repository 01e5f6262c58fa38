// Gateway: acknowledged, verified, durable readings a second over what OpenSSL verifies on the same cores in the same run.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SenmlRecord } from "@muniment/core";
import { BUILDING, type Fleet, type FleetDevice, startFleet, until } from "../stack/fleet.ts";
import { encodeClients, type LoadReport } from "./load.ts";
import { opensslVerifyRate } from "./openssl.ts";
import { type Figure, figure, median } from "./result.ts";

const run = promisify(execFile);
const loader = fileURLToPath(new URL("./load.ts", import.meta.url));

/** How much of it to do: `quick` is a sample for continuous integration. */
export interface GatewayBenchOptions {
  readonly rounds: number;
  readonly messages: number;
  readonly opensslSeconds: number;
}

/** Runs a real ledger, a real gateway and a load generator, each a process of its own. The ledger is stopped while
 * the gateway is measured, as in production it runs elsewhere; then it comes back and takes the backlog. */
export async function benchGateway({
  rounds,
  messages,
  opensslSeconds,
}: GatewayBenchOptions): Promise<Figure[]> {
  const fleet = await startFleet(64);
  try {
    await until(
      "the gateway knows its devices",
      async () => (await health(fleet)).registry.counter >= fleet.devices.length,
    );
    await fleet.ledger.stop();
    const figures: Figure[] = [];
    const rates: number[] = [];
    const baselines: number[] = [];
    let peakRss = 0;
    for (let round = 0; round < rounds; round++) {
      baselines.push(await opensslVerifyRate(opensslSeconds));
      const report = await load(fleet, { clients: 50, window: 16, messages, records: 1 });
      rates.push(report.acked / report.seconds);
      peakRss = Math.max(peakRss, await rssMb(fleet.gateway.child.pid!));
    }
    const openssl = median(baselines);
    figures.push(
      figure(
        "gateway.acked-over-openssl-verify",
        median(rates),
        "readings/s",
        openssl,
        "baseline: openssl speed -multi 2 ed25519, verify/s; 50 clients, 16 in flight each; median of rounds",
      ),
      figure(
        "gateway.rss-mb",
        peakRss,
        "MB",
        200,
        "baseline: the limit; resident size of the gateway process at the end of a round",
      ),
    );
    for (const [inFlight, clients, window, count] of [
      [1, 1, 1, 2_000],
      [64, 64, 1, 20_000],
      [500, 50, 10, messages],
    ] as const) {
      const report = await load(fleet, {
        clients,
        window,
        messages: Math.min(count, messages),
        records: 1,
      });
      const rate = report.acked / report.seconds;
      figures.push(
        figure(
          `gateway.ack-p50-ms-${inFlight}`,
          report.p50Ms,
          "ms",
          (inFlight / rate) * 1000,
          `baseline: mean service time at ${inFlight} in flight (Little's law)`,
        ),
        figure(
          `gateway.ack-p99-ms-${inFlight}`,
          report.p99Ms,
          "ms",
          (inFlight / rate) * 1000,
          `baseline: mean service time at ${inFlight} in flight (Little's law)`,
        ),
      );
    }
    for (const records of [10, 100]) {
      const report = await load(fleet, {
        clients: 50,
        window: 16,
        messages: Math.floor(messages / (records === 10 ? 2 : 6)),
        records,
      });
      figures.push(
        figure(
          `gateway.records-${records}-over-openssl-verify`,
          (report.acked * records) / report.seconds,
          "readings/s",
          openssl,
          `packs of ${records} readings; baseline: openssl verify/s`,
        ),
      );
    }
    figures.push(await drain(fleet, median(rates)));
    return figures;
  } finally {
    await fleet.close();
  }
}

/** The ledger comes back: how fast the backlog becomes final, against the rate at which it was acknowledged. */
async function drain(fleet: Fleet, liveRate: number): Promise<Figure> {
  const log = (await health(fleet)).log.size;
  const begun = performance.now();
  await fleet.restartLedger();
  await until(
    "the backlog is anchored",
    async () => (await health(fleet)).log.anchoredSize >= log,
    300_000,
  );
  const rate = log / ((performance.now() - begun) / 1000);
  return figure(
    "sync.drain-over-live",
    rate,
    "statements/s",
    liveRate,
    `${log} statements from the start of the ledger to the last receipt; baseline: the acknowledged rate at full load`,
  );
}

interface Health {
  readonly registry: { readonly counter: number };
  readonly log: { readonly size: number; readonly anchoredSize: number };
}

async function health(fleet: Fleet): Promise<Health> {
  return (await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as Health;
}

let minute = Math.floor(Date.now() / 60_000) * 60 - 10_000_000;

function pack(count: number): SenmlRecord[] {
  return Array.from({ length: count }, () => {
    minute += 1;
    return { name: "temp", unit: "Cel", value: 20 + (minute % 50) / 10, time: minute };
  });
}

async function load(
  fleet: Fleet,
  plan: {
    readonly clients: number;
    readonly window: number;
    readonly messages: number;
    readonly records: number;
  },
): Promise<LoadReport> {
  const each = Math.max(1, Math.floor(plan.messages / plan.clients));
  const clients = fleet.devices.slice(0, plan.clients).map((device: FleetDevice) => ({
    id: device.id,
    topic: `muniment/v1/${BUILDING}/${device.id}/up/statement`,
    statements: Array.from({ length: each }, () => device.sign(pack(plan.records))),
  }));
  const file = join(fleet.data, "load.bin");
  await writeFile(file, encodeClients(clients));
  const { stdout } = await run(process.execPath, [
    "--conditions=source",
    "--import",
    "tsx",
    loader,
    file,
    String(fleet.mqttPort()),
    String(plan.window),
  ]);
  return JSON.parse(stdout) as LoadReport;
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
