// The demonstration: ledger, gateway and simulator as three processes, two weeks of past, then the present (formats: names that scripts may rely on).
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { writeDurably } from "@muniment/core/files";
import { SimulatorError } from "./errors.ts";
import { writeExample } from "./example-evidence.ts";
import { gatewayHealth, troubleOf } from "./gateway-status.ts";
import { gatewayOnLedger, waitFor } from "./ledger-view.ts";
import { drawPlan } from "./plan.ts";
import { requireFreePorts } from "./ports-free.ts";
import { type Running, runCommand, startCommand, startService } from "./processes.ts";
import { openRegistrar } from "./registrar.ts";

export interface DemoConfig {
  readonly data: string;
  readonly days: number;
  readonly seed: number;
  readonly port: number;
  readonly mqttPort: number;
  readonly gatewayPort: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  readonly progress: (done: number, total: number, says: string) => void;
  /** Everything is loaded, anchored and on the page. */
  readonly ready: (facts: DemoFacts) => void;
}

export interface DemoFacts {
  readonly dashboard: string;
  readonly ledger: string;
  readonly gateway: string;
  readonly mqtt: string;
  readonly statements: number;
  readonly bundle: string;
  readonly policy: string;
}

const building = "b1";
const gateway = "gw-1";
const zone = "America/New_York";
const anchoredMsMax = 120_000;

/** Runs until the signal aborts or one of the processes ends by itself, which is an error (child.ended). */
export async function demo(config: DemoConfig): Promise<void> {
  const { data, seed, signal, say } = config;
  await requireFreePorts([
    { port: config.port, use: "the ledger and its pages", flag: "--port" },
    { port: config.mqttPort, use: "the gateway's MQTT broker", flag: "--mqtt-port" },
    { port: config.gatewayPort, use: "the gateway's HTTP", flag: "--gateway-port" },
  ]);
  await mkdir(data, { recursive: true });
  const running: Running[] = [];
  const aborted = new Promise<"aborted">((resolve) => {
    signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
  try {
    const work = start(config, running);
    work.catch(() => {});
    if ((await Promise.race([work, aborted])) === "aborted") return;
    const first = await Promise.race([
      aborted,
      ...running.map(async ({ name, ended }) => ({ name, code: await ended })),
    ]);
    if (first !== "aborted" && !signal.aborted) {
      throw new SimulatorError("child.ended", `${first.name}, exit code ${first.code}`);
    }
  } finally {
    say("stopping");
    // Against the stream: who sends stops before who receives.
    for (const process of running.splice(0).reverse()) await process.stop();
    say("stopped; start again to continue the same ledger");
  }

  async function start({ days, port, mqttPort, gatewayPort }: DemoConfig, started: Running[]) {
    const ledgerNode = startService({
      name: "ledger",
      signal,
      arguments: ["ledger", "--data", data, "--port", String(port), "--json"],
    });
    started.push(ledgerNode);
    const ledger = String((await ledgerNode.ready).url);
    say(`ledger      ${ledger}`);

    const plan = drawPlan(building, seed, zone);
    const registrar = await openRegistrar(join(data, "keys", "operator.pem"), ledger);
    await registrar.building({
      building,
      name: plan.name,
      zone,
      grossFt2: plan.grossFt2,
      usableFt2: plan.usableFt2,
      address: plan.address,
    });
    if (!existsSync(join(data, "gateways", gateway, "commission.json"))) {
      await runCommand({
        name: "gateway enrol",
        signal,
        arguments: [
          "gateway",
          "enrol",
          "--data",
          data,
          "--id",
          gateway,
          "--building",
          building,
          "--ledger",
          ledger,
        ],
      });
    }
    const ports = ["--mqtt-port", String(mqttPort), "--http-port", String(gatewayPort)];
    const box = startService({
      name: "gateway",
      signal,
      // Where the ledger listens may change from start to start.
      arguments: [
        ...["gateway", "--data", data, "--id", gateway, "--ledger", ledger],
        ...[...ports, "--json"],
      ],
    });
    started.push(box);
    const boxReady = await box.ready;
    const mqtt = String(boxReady.mqtt);
    const gatewayUrl = String(boxReady.http);
    say(`gateway     ${mqtt}, ${gatewayUrl}`);

    const statements = await new Promise<number>((resolve, reject) => {
      let sent = 0;
      const simulator = startCommand({
        name: "simulator",
        signal,
        arguments: [
          "simulate",
          ...[
            "--data",
            data,
            "--building",
            building,
            "--seed",
            String(seed),
            "--days",
            String(days),
          ],
          ...["--zone", zone, "--mqtt", mqtt, "--ledger", ledger, "--gateway", gatewayUrl],
          "--live",
          "--json",
        ],
        onLine: (line) => {
          if (line.event === "enrolled")
            say(`devices     ${line.devices} enrolled, ${line.new} of them new`);
          if (line.event === "history") {
            sent = Number(line.statements);
            config.progress(
              Number(line.day),
              Number(line.days),
              `day ${line.day} of ${line.days}, ${line.readings} readings`,
            );
          }
          if (line.event === "live") resolve(sent);
        },
      });
      started.push(simulator);
      simulator.ended.then(
        (code) =>
          reject(
            new SimulatorError(
              "child.ended",
              `simulator, exit code ${code}\n${simulator.lastErrors()}`,
            ),
          ),
        reject,
      );
    });

    // What was acknowledged by now must be anchored and in the read model.
    const { log } = await gatewayHealth(gatewayUrl);
    const size = log.size + log.pending;
    await waitFor(
      async () => `the past anchored and in the read model${await troubleOf(gatewayUrl)}`,
      anchoredMsMax,
      async () => {
        const known = await gatewayOnLedger(ledger, gateway);
        if (known === null) return null;
        config.progress(
          Math.min(known.entries, size),
          size,
          `${Math.min(known.entries, size)} of ${size} entries anchored and read`,
        );
        return known.entries >= size ? known : null;
      },
      signal,
    );
    const example = await writeExample({
      data,
      ledger,
      point: `${building}-meter-main.energy`,
      write: writeDurably,
    });
    config.ready({
      dashboard: ledger.replace("127.0.0.1", "localhost"),
      ledger,
      gateway: gatewayUrl,
      mqtt,
      statements,
      bundle: shortPath(example.bundle),
      policy: shortPath(example.policy),
    });
  }
}

/** As it can be typed from here: relative below the current folder, whole elsewhere. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? resolve(path) : short;
}
