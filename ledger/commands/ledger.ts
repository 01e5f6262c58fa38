// `muniment ledger`: runs a ledger node until it is told to stop.
import { type Command, InvalidArgumentError } from "commander";

/** What is absent comes from the environment, the data folder's ledger.json, or the defaults (config.ts). */
interface Options {
  readonly data?: string;
  readonly port?: number;
  readonly host?: string;
  readonly origin?: string;
  readonly json?: true;
}

/** Adds `ledger`. */
export function registerLedger(program: Command): void {
  program
    .command("ledger")
    .description(
      "run a ledger node; its first start makes the ledger's keys, its genesis and the operator's key",
    )
    .option("--data <folder>", "data folder (./data; MUNIMENT_DATA)")
    .option(
      "--port <number>",
      "HTTP port, 0 for any free one (8480; MUNIMENT_LEDGER_PORT)",
      portNumber,
    )
    .option("--host <address>", "address to listen on (127.0.0.1; MUNIMENT_LEDGER_HOST)")
    .option(
      "--origin <name>",
      "name of the ledger, used when it is made (ledger.muniment.example/demo; MUNIMENT_LEDGER_ORIGIN)",
    )
    .option("--json", "one JSON line when it is ready")
    .action(async (options: Options) => {
      const { createNode } = await import("../node.ts");
      const { json, ...settings } = options;
      const node = await createNode(settings);
      const { origin, size } = node.consensus.head();
      console.log(
        json
          ? JSON.stringify({ ready: true, url: node.url, origin, size })
          : `ledger ${origin}: ${node.url}, ${size} entries`,
      );
      await new Promise<void>((resolve) => {
        process.once("SIGINT", () => resolve());
        process.once("SIGTERM", () => resolve());
      });
      await node.close();
      // Nothing may keep a stopped node alive.
      process.exit(0);
    });
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError("expected a port from 0 to 65535.");
  return port;
}
