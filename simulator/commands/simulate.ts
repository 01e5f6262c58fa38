// `muniment simulate`: one simulated building, as its own process.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { MisbehaviourOrder } from "../misbehaviour/order.ts";
import { stopSignal } from "../signals.ts";
import type { SimulateEvent } from "../simulate.ts";
import type { FaultOrder } from "../world/faults.ts";
import { dataOption, gatewayOption, ledgerOption, mqttOption, wholeNumber } from "./options.ts";

interface Options {
  readonly data: string;
  readonly building: string;
  readonly seed: number;
  readonly zone: string;
  readonly floors: number;
  readonly rooms: number;
  readonly people?: number;
  readonly from?: string;
  readonly days: number;
  readonly speed: number | null;
  readonly live?: true;
  readonly liveSeconds: number;
  readonly faults: readonly string[];
  readonly misbehave: readonly string[];
  readonly mqtt: string;
  readonly serial?: string;
  readonly bridge: string;
  readonly ledger: string;
  readonly gateway: string;
  readonly enrol: boolean;
  readonly truthDays: number;
  readonly json?: true;
}

const help = `
A past without --from ends now; with --live the present follows. With --from it ends after --days, or now.
What shapes the building (seed, zone, floors, rooms, people, faults) must be the same at every start of a data folder.

Faults, KIND[:ROOM][@YYYY-MM-DD[/DAYS]]: without a room one is drawn, without a date it lasts for the whole run.
  stuck-valve      a heating valve stays open: temperature and energy
  stuck-damper     a fresh-air damper stays shut: CO2
  drifting-sensor  a CO2 sensor reads more every day: its readings only
  set-back-lost    plant runs through the night: energy

Misbehaviour, KIND[:DEVICE][@SHARE]: of a device's hours, by the seed; without a device one is drawn.
  wrong-key        signs with a key that nobody enrolled (0.05)
  corrupted        a bit of the signature turns over on the way (0.05)
  replayed         the same bytes once more (0.1)
  reordered        a statement after the one that follows it (0.1)
  flood            everything ten times, under new numbers (0.1)
  silent           nothing (0.2)
  drifting-clock   loses that share of time (0.001)
  no-clock         has no clock and tells only of the present (1)
What each did is in the truth file: <data>/simulator/<building>/truth.json.

Examples:
  muniment simulate --days 30 --live
  muniment simulate --from 2025-01-01 --days 365 --faults none
  muniment simulate --from 2025-03-03 --days 7 --speed 600 --misbehave silent:room-101@0.5 --misbehave flood`;

/** Adds `simulate`. */
export function registerSimulate(program: Command): void {
  program
    .command("simulate")
    .description("send the life of a simulated building: its past, then, with --live, the present")
    .addOption(dataOption())
    .option("--building <id>", "building", "b1")
    .option("--seed <number>", "seed of everything that is chance", wholeNumber(0), 1)
    .option("--zone <name>", "time zone of the building", "America/New_York")
    .option("--floors <number>", "floors", wholeNumber(1, 20), 3)
    .option("--rooms <number>", "rooms with sensors on each floor", wholeNumber(2, 40), 6)
    .option("--people <number>", "people with a desk (as many as fit)", wholeNumber(1, 2000))
    .option("--from <date>", "first day, YYYY-MM-DD; the past then has an end", date)
    .option("--days <number>", "days of past", wholeNumber(0, 3660), 14)
    .addOption(
      new Option("--speed <factor>", "how many times as fast as life the past is told")
        .argParser(speed)
        .default(null, "max: as fast as it is acknowledged"),
    )
    .option("--live", "go on in real time after the past is sent")
    .option(
      "--live-seconds <number>",
      "seconds between live readings of power",
      wholeNumber(10, 3600),
      10,
    )
    .addOption(
      new Option("--faults <fault>", "seed, none, or a fault as below (repeatable)")
        .argParser(several)
        .default([], "seed"),
    )
    .addOption(
      new Option("--misbehave <kind>", "a device that misbehaves, as below (repeatable)")
        .argParser(several)
        .default([], "none"),
    )
    .addOption(mqttOption())
    .addOption(
      new Option(
        "--serial <path>",
        "serial port of the boards of floor 2; without it they go by MQTT",
      ).env("MUNIMENT_SIMULATOR_SERIAL"),
    )
    .option("--bridge <id>", "the bridge at the other end of that line", "br-1")
    .addOption(ledgerOption())
    .addOption(gatewayOption())
    .option("--no-enrol", "do not register the building and its devices first")
    .option(
      "--truth-days <number>",
      "days of raw values to keep in the truth file",
      wholeNumber(1, 3660),
      31,
    )
    .option("--json", "one JSON line for each event")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      const { simulate } = await import("../simulate.ts");
      const { parseMisbehaviour } = await import("../misbehaviour/order.ts");
      const { progressBar } = await import("../progress.ts");
      const { serial, bridge, people = null, from = null } = options;
      const faults = await faultOrders(options.faults);
      const misbehave: readonly MisbehaviourOrder[] = options.misbehave.map(parseMisbehaviour);
      const bar = progressBar("history");
      await simulate({
        data: options.data,
        building: options.building,
        seed: options.seed,
        size: { floors: options.floors, rooms: options.rooms, people },
        zone: options.zone,
        faults,
        misbehave,
        from,
        days: options.days,
        speed: options.speed,
        mqtt: options.mqtt,
        serial: serial === undefined ? null : { path: serial, bridge },
        ledger: options.enrol ? options.ledger : null,
        gateway: options.gateway,
        live: options.live === true,
        liveSeconds: options.liveSeconds,
        truthDays: options.truthDays,
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

/** Null: drawn from the seed. */
async function faultOrders(texts: readonly string[]): Promise<readonly FaultOrder[] | null> {
  const { parseFaultOrder } = await import("../world/faults.ts");
  if (texts.length === 0 || texts.join() === "seed") return null;
  return texts.join() === "none" ? [] : texts.map(parseFaultOrder);
}

function several(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function date(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("expected a date such as 2025-03-01.");
  return text;
}

function speed(text: string): number | null {
  if (text === "max") return null;
  const factor = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(factor >= 1 && factor <= 1_000_000))
    throw new InvalidArgumentError("expected max, or a number from 1 to 1000000.");
  return factor;
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
      return `stopped: ${event.statements} statements with ${event.readings} readings acknowledged; the truth is in ${event.truth}`;
  }
}
