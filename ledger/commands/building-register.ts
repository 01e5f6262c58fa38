// `muniment building register`: puts a building's facts on the ledger; the same id again replaces them.
import { type Command, InvalidArgumentError } from "commander";
import { parseDates, parseHours, type WeekHours } from "./hours-argument.ts";
import { type OperatorOptions, submitAsOperator, withOperatorOptions } from "./operator-options.ts";

interface Options extends OperatorOptions {
  readonly building: string;
  readonly name: string;
  readonly zone: string;
  readonly grossFt2?: number;
  readonly usableFt2?: number;
  readonly address?: string;
  readonly hours?: WeekHours;
  readonly holidays?: readonly string[];
}

/** Adds `building register`. */
export function registerBuildingRegister(building: Command): void {
  const command = building
    .command("register")
    .description("put a building's facts on the ledger; the same id again replaces them")
    .requiredOption("--building <id>", "1 to 64 of a-z, 0-9 and -")
    .requiredOption("--name <text>", "name")
    .requiredOption("--zone <name>", "time zone, such as America/New_York", ianaZone)
    .option("--gross-ft2 <number>", "gross area, square feet", area)
    .option("--usable-ft2 <number>", "usable area, square feet", area)
    .option("--address <text>", "postal address")
    .option(
      "--hours <text>",
      'opening hours, local time, such as "mon-fri 07:00-19:00, sat 09:00-13:00"',
      parseHours,
    )
    .option(
      "--holidays <dates>",
      "local dates on which the hours do not apply, such as 2026-07-03,2026-12-25",
      parseDates,
    );
  withOperatorOptions(command).action(async (options: Options) => {
    const { building: id, name, zone, grossFt2, usableFt2, address, hours, holidays } = options;
    const facts = {
      building: id,
      name,
      zone,
      ...(grossFt2 === undefined ? {} : { grossFt2 }),
      ...(usableFt2 === undefined ? {} : { usableFt2 }),
      ...(address === undefined ? {} : { address }),
      ...(hours === undefined ? {} : { hours }),
      ...(holidays === undefined ? {} : { holidays }),
    };
    await submitAsOperator(options, "building.register", facts, `building ${id} registered`);
  });
}

function ianaZone(text: string): string {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError("expected an IANA time zone such as America/New_York.");
  }
}

function area(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError("expected whole square feet, at least 1.");
  return value;
}
