// The gateway's commands: `muniment gateway` runs one, `muniment gateway enrol` commissions one.

import { setFlagsFromString } from "node:v8";
import { type Command, Option } from "commander";

interface RunOptions {
  readonly data?: string;
  readonly id?: string;
  readonly host?: string;
  readonly mqttPort?: string;
  readonly httpPort?: string;
  readonly ledger?: readonly string[];
  readonly workers?: string;
  readonly batchAgeMsMax?: string;
  readonly keepEntries?: string;
  readonly logLevel?: string;
  readonly config?: string;
  readonly json?: true;
}

interface EnrolCommandOptions {
  readonly data: string;
  readonly id: string;
  readonly building: string;
  readonly ledger: readonly string[];
  readonly genesis?: string;
  readonly key?: string;
  readonly json?: true;
}

/** Adds the commands to a program. What is heavy is loaded when one of them runs. */
export function register(program: Command): void {
  // What follows `enrol` belongs to `enrol`, though both commands have --data, --id and --json.
  program.enablePositionalOptions();
  const gateway = program
    .command("gateway")
    .description("run the gateway of a building: MQTT in, signed log, synchronised with the ledger")
    .enablePositionalOptions()
    .option("--data <folder>", "data folder (./data)")
    .option("--id <id>", "gateway id")
    .option("--host <address>", "address to listen on (127.0.0.1)")
    .option("--mqtt-port <port>", "MQTT port, 0 = any free one (1883)")
    .option("--http-port <port>", "HTTP port, 0 = any free one (8481)")
    .option("--ledger <url...>", "ledger nodes, when they moved since the gateway was enrolled")
    .option("--workers <n>", "threads that verify signatures (2)")
    .option("--batch-age-ms-max <ms>", "oldest a reading gets before its batch closes (10000)")
    .option(
      "--keep-entries <how>",
      "always, or until-final: remove entry bundles that the ledger archived",
    )
    .option("--log-level <level>", "silent, fatal, error, warn, info, debug or trace (info)")
    .option(
      "--config <file>",
      "settings as JSON; environment MUNIMENT_GATEWAY_… and flags go before it",
    )
    .option("--json", "print one JSON line when ready")
    .action(run);

  gateway
    .command("enrol")
    .description(
      "make a gateway's keys, pin the ledger it trusts, and enrol it with the operator's key",
    )
    .addOption(new Option("--data <folder>", "data folder").env("MUNIMENT_DATA").default("./data"))
    .requiredOption("--id <id>", "gateway id: 1 to 64 of a-z, 0-9 and -")
    .requiredOption("--building <id>", "building it stands in")
    .addOption(
      new Option("--ledger <url...>", "ledger nodes, in the order in which they are asked")
        .env("MUNIMENT_LEDGER")
        .default(["http://127.0.0.1:8480"]),
    )
    .option(
      "--genesis <hex>",
      "SHA-256 of the ledger's genesis document; without it the first answer is trusted",
    )
    .option("--key <file>", "the operator's private key, if it is elsewhere")
    .option("--json", "print one JSON line")
    .action(enrolGateway);
}

/** Readings live for milliseconds: left to itself, the heap grows to twice what it needs before it is collected. */
const HEAP_FLAGS = ["--heap-growing-percent=40"];

async function run(options: RunOptions, command: Command): Promise<void> {
  for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
  const { resolveConfig } = await import("./config.ts");
  const { createGateway } = await import("./gateway.ts");
  const { json, config: file, ...flags } = options;
  const config = resolveConfig({
    flags,
    environment: process.env,
    ...(file === undefined ? {} : { file }),
  });
  const gateway = await createGateway(config);
  const mqtt = `mqtt://${config.host}:${gateway.mqttPort}`;
  const http = `http://${config.host}:${gateway.httpPort}`;
  console.log(
    json
      ? JSON.stringify({ ready: true, gateway: config.id, mqtt, http })
      : `gateway ${config.id}: ${mqtt}, ${http}`,
  );

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    gateway.close().catch((error: unknown) => command.error(`muniment gateway: ${String(error)}`));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

async function enrolGateway(options: EnrolCommandOptions): Promise<void> {
  const { enrol } = await import("./enrol.ts");
  const { commission, index } = await enrol({
    data: options.data,
    id: options.id,
    building: options.building,
    urls: [options.ledger].flat(),
    ...(options.genesis === undefined ? {} : { genesis: options.genesis }),
    ...(options.key === undefined ? {} : { operatorKey: options.key }),
  });
  const { gateway, building, origin, genesis } = commission;
  if (options.json) {
    console.log(JSON.stringify({ gateway, building, origin, genesis, index }));
    return;
  }
  const entry = index === null ? "enrolled before" : `ledger entry ${index}`;
  console.log(
    `gateway ${gateway} of building ${building}: ${entry}; it trusts ${origin}, genesis ${genesis}`,
  );
}
