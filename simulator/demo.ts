// The demonstration: ledger, gateway, serial bridge and simulator as processes of their own, two weeks of past, then the present (formats: names that scripts may rely on).
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { writeDurably } from "@muniment/core/files";
import { registerBuilding } from "./enrolment.ts";
import { SimulatorError } from "./errors.ts";
import { writeExample } from "./example-evidence.ts";
import { gatewayHealth, troubleOf } from "./gateway-status.ts";
import { gatewayOnLedger, waitFor } from "./ledger-view.ts";
import { requireFreePorts } from "./ports-free.ts";
import { type Running, runCommand, startCommand, startService } from "./processes.ts";
import { canJoinPtys, openPtyPair } from "./pty-pair.ts";
import { openRegistrar } from "./registrar.ts";
import { drawPlan } from "./world/plan.ts";

export interface DemoConfig {
  readonly data: string;
  readonly days: number;
  readonly seed: number;
  readonly port: number;
  readonly mqttPort: number;
  readonly gatewayPort: number;
  readonly bridgePort: number;
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
  /** HTTP of the serial bridge; null on a machine that cannot join two pseudo-terminals. */
  readonly bridge: string | null;
  readonly statements: number;
  readonly bundle: string;
  readonly policy: string;
}

const building = "b1";
const gateway = "gw-1";
const bridgeId = "br-1";
const zone = "America/New_York";
const anchoredMsMax = 120_000;

/** Runs until the signal aborts or one of the processes ends by itself, which is an error (child.ended). */
export async function demo(config: DemoConfig): Promise<void> {
  const { data, seed, signal, say } = config;
  await requireFreePorts([
    { port: config.port, use: "the ledger and its pages", flag: "--port" },
    { port: config.mqttPort, use: "the gateway's MQTT broker", flag: "--mqtt-port" },
    { port: config.gatewayPort, use: "the gateway's HTTP", flag: "--gateway-port" },
    { port: config.bridgePort, use: "the serial bridge's HTTP", flag: "--bridge-port" },
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

  async function start(
    { days, port, mqttPort, gatewayPort, bridgePort }: DemoConfig,
    started: Running[],
  ) {
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
    await registerBuilding(registrar, plan, Date.now() / 1000 - days * 86_400);
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

    // How devices are bound is said once, when they are enrolled.
    const isBegun = existsSync(join(data, "simulator", building, "world.json"));
    const isBound = existsSync(join(data, "bridges", bridgeId, "bridge.pem"));
    const cable =
      (isBound || !isBegun) && canJoinPtys() ? await openPtyPair(join(data, "serial")) : null;
    if (cable !== null) started.push(cable);

    const serial = cable === null ? [] : ["--serial", cable.board, "--bridge", bridgeId];
    const told = watchSimulator(config, [
      ...["--data", data, "--building", building, "--zone", zone],
      ...["--seed", String(seed), "--days", String(days)],
      ...["--mqtt", mqtt, "--ledger", ledger, "--gateway", gatewayUrl],
      ...serial,
    ]);
    started.push(told.simulator);
    await told.enrolled;

    let bridge: string | null = null;
    if (cable === null) {
      const why =
        isBegun && !isBound ? "this ledger was begun without a line" : "no socat on this machine";
      say(`serial      ${why}: floor 2 comes in over MQTT like the others`);
    } else {
      // Started after the simulator, which enrols it, and stopped after it too.
      const box = startService({
        name: "bridge",
        signal,
        arguments: [
          ...["bridge", "--data", data, "--id", bridgeId, "--serial", cable.bridge],
          ...["--mqtt", mqtt, "--ledger", ledger, "--http-port", String(bridgePort), "--json"],
        ],
      });
      started.splice(started.indexOf(told.simulator), 0, box);
      bridge = String((await box.ready).http);
      say(`serial      floor 2 over a pair of pseudo-terminals (socat), bridge ${bridge}`);
    }
    const statements = await told.live;

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
      bridge,
      statements,
      bundle: shortPath(example.bundle),
      policy: shortPath(example.policy),
    });
  }
}

/** Starts the simulator: `enrolled` when its devices are on the ledger, `live` with the statements of the past when those are acknowledged. */
function watchSimulator({ signal, say, progress }: DemoConfig, options: readonly string[]) {
  let statements = 0;
  let isEnrolled: () => void = () => {};
  let isLive: (statements: number) => void = () => {};
  const simulator = startCommand({
    name: "simulator",
    signal,
    arguments: ["simulate", ...options, "--live", "--json"],
    onLine: (line) => {
      if (line.event === "enrolled") {
        say(`devices     ${line.devices} enrolled, ${line.new} of them new`);
        isEnrolled();
      }
      if (line.event === "history") {
        statements = Number(line.statements);
        const says = `day ${line.day} of ${line.days}, ${line.readings} readings`;
        progress(Number(line.day), Number(line.days), says);
      }
      if (line.event === "live") isLive(statements);
    },
  });
  const ended = simulator.ended.then((code): never => {
    const last = simulator.lastErrors();
    throw new SimulatorError("child.ended", `simulator, exit code ${code}\n${last}`);
  });
  ended.catch(() => {});
  const enrolled = Promise.race([new Promise<void>((resolve) => (isEnrolled = resolve)), ended]);
  const live = Promise.race([new Promise<number>((resolve) => (isLive = resolve)), ended]);
  for (const promise of [enrolled, live]) promise.catch(() => {});
  return { simulator, enrolled, live };
}

/** As it can be typed from here: relative below the current folder, whole elsewhere. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? resolve(path) : short;
}
