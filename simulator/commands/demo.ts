// `muniment demo`: everything on one machine, to look at.
import type { Command } from "commander";
import { Option } from "commander";
import { stopSignal } from "../signals.ts";
import { dataOption, wholeNumber } from "./options.ts";

interface Options {
  readonly data: string;
  readonly days: number;
  readonly seed: number;
  readonly port: number;
  readonly mqttPort: number;
  readonly gatewayPort: number;
  readonly bridgePort: number;
  readonly json?: true;
}

const port = wholeNumber(0, 65_535);

/** Adds `demo`. */
export function registerDemo(program: Command): void {
  program
    .command("demo")
    .description(
      "start a ledger node, a gateway, a serial bridge and a simulated building, load the past, go on live; Ctrl-C stops, a second start continues",
    )
    .option("--days <number>", "days of past at the first start", wholeNumber(1, 366), 14)
    .option("--seed <number>", "seed of everything that is chance", wholeNumber(0), 1)
    .addOption(dataOption())
    .addOption(
      new Option("--port <number>", "ledger HTTP")
        .env("MUNIMENT_LEDGER_PORT")
        .argParser(port)
        .default(8480),
    )
    .addOption(
      new Option("--mqtt-port <number>", "gateway MQTT")
        .env("MUNIMENT_MQTT_PORT")
        .argParser(port)
        .default(1883),
    )
    .addOption(
      new Option("--gateway-port <number>", "gateway HTTP")
        .env("MUNIMENT_GATEWAY_PORT")
        .argParser(port)
        .default(8481),
    )
    .addOption(
      new Option("--bridge-port <number>", "serial bridge HTTP")
        .env("MUNIMENT_BRIDGE_PORT")
        .argParser(port)
        .default(8482),
    )
    .option("--json", "one JSON line when it is ready")
    .action(async (options: Options) => {
      const { demo } = await import("../demo.ts");
      const { progressBar } = await import("../progress.ts");
      const bar = progressBar("loading");
      const say = (text: string) => {
        bar.stop();
        if (!options.json) console.log(text);
      };
      await demo({
        data: options.data,
        days: options.days,
        seed: options.seed,
        port: options.port,
        mqttPort: options.mqttPort,
        gatewayPort: options.gatewayPort,
        bridgePort: options.bridgePort,
        signal: stopSignal(),
        say,
        progress: bar.update,
        ready: (facts) => {
          bar.stop();
          if (options.json) return console.log(JSON.stringify({ ready: true, ...facts }));
          console.log("");
          console.log(`dashboard   ${facts.dashboard}`);
          console.log(`try         npx muniment verify ${facts.bundle} --policy ${facts.policy}`);
          console.log("");
          console.log("live; Ctrl-C stops everything");
        },
      });
    });
}
