// The bridge's command: `muniment bridge` joins one serial line to a gateway (F9).

import type { Command } from "commander";

interface RunOptions {
  readonly config?: string;
  readonly json?: true;
}

/** Adds the commands to a program. What is heavy is loaded when one of them runs. */
export function register(program: Command): void {
  program
    .command("bridge")
    .description("join the boards on a serial line to a gateway: slipmux and CoAP in, MQTT out")
    .option("--data <folder>", "data folder (./data)")
    .option("--id <id>", "the bridge's own device id")
    .option("--serial <path>", "serial port, such as /dev/serial/by-id/…")
    .option("--baud <rate>", "bits per second (115200)")
    .option("--mqtt <url>", "the gateway's broker (mqtt://127.0.0.1:1883)")
    .option("--ledger <url>", "ledger node that lists the bridge's devices (http://127.0.0.1:8480)")
    .option("--host <address>", "address of the HTTP pages (127.0.0.1)")
    .option("--http-port <port>", "HTTP port, 0 = any free one (8482)")
    .option("--log-level <level>", "silent, fatal, error, warn, info, debug or trace (info)")
    .option(
      "--config <file>",
      "settings as JSON; environment MUNIMENT_BRIDGE_… and flags go before it",
    )
    .option("--json", "print one JSON line when ready")
    .action(run);
}

async function run(options: RunOptions, command: Command): Promise<void> {
  const { resolveConfig } = await import("./config.ts");
  const { createBridge } = await import("./bridge.ts");
  const { json, config: file, ...flags } = options;
  const config = resolveConfig({
    flags,
    environment: process.env,
    ...(file === undefined ? {} : { file }),
  });
  const bridge = await createBridge(config);
  const http = `http://${config.host}:${bridge.httpPort}`;
  console.log(
    json
      ? JSON.stringify({ ready: true, bridge: config.id, serial: config.serial, http })
      : `bridge ${config.id}: ${config.serial} to ${config.mqtt}, ${http}`,
  );

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    bridge.close().catch((error: unknown) => command.error(`muniment bridge: ${String(error)}`));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
