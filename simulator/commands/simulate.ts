// `muniment simulate`: one simulated building, as its own process.
import type { Command } from "commander";
import { stopSignal } from "../signals.ts";
import type { SimulateEvent } from "../simulate.ts";
import { dataOption, gatewayOption, ledgerOption, mqttOption, wholeNumber } from "./options.ts";

interface Options {
  readonly data: string;
  readonly building: string;
  readonly seed: number;
  readonly days: number;
  readonly zone: string;
  readonly mqtt: string;
  readonly ledger: string;
  readonly gateway: string;
  readonly enrol: boolean;
  readonly live?: true;
  readonly liveSeconds: number;
  readonly json?: true;
}

/** Adds `simulate`. */
export function registerSimulate(program: Command): void {
  program
    .command("simulate")
    .description(
      "send the life of a simulated building: its past quickly, then, with --live, the present",
    )
    .addOption(dataOption())
    .option("--building <id>", "building", "b1")
    .option("--seed <number>", "seed of everything that is chance", wholeNumber(0), 1)
    .option("--days <number>", "days of past at the first start", wholeNumber(0, 3660), 14)
    .option("--zone <name>", "time zone of the building", "America/New_York")
    .addOption(mqttOption())
    .addOption(ledgerOption())
    .addOption(gatewayOption())
    .option("--no-enrol", "do not register the building and its devices first")
    .option("--live", "go on in real time after the past is sent")
    .option(
      "--live-seconds <number>",
      "seconds between live readings of power",
      wholeNumber(10, 3600),
      10,
    )
    .option("--json", "one JSON line for each event")
    .action(async (options: Options) => {
      const { simulate } = await import("../simulate.ts");
      const { progressBar } = await import("../progress.ts");
      const bar = progressBar("history");
      await simulate({
        data: options.data,
        building: options.building,
        seed: options.seed,
        days: options.days,
        zone: options.zone,
        mqtt: options.mqtt,
        ledger: options.enrol ? options.ledger : null,
        gateway: options.gateway,
        live: options.live === true,
        liveSeconds: options.liveSeconds,
        signal: stopSignal(),
        onEvent: (event: SimulateEvent) => {
          if (options.json) return console.log(JSON.stringify(event));
          if (event.event === "history") {
            bar.update(
              event.day,
              event.days,
              `day ${event.day} of ${event.days}, ${event.readings} readings`,
            );
            return;
          }
          bar.stop();
          console.log(describe(event));
        },
      });
    });
}

function describe(event: Exclude<SimulateEvent, { event: "history" }>): string {
  switch (event.event) {
    case "enrolled":
      return `${event.devices} devices enrolled, ${event.new} of them new`;
    case "live":
      return `live since ${event.since}`;
    case "trouble":
      return `${event.device}: ${event.reason}; next attempt in ${event.waitMs} ms`;
    case "stopped":
      return `stopped: ${event.statements} statements with ${event.readings} readings acknowledged`;
  }
}
