// `muniment hold place` and `hold release`: a legal hold keeps the access records of some days, whatever their retention clock says.
import type { Command } from "commander";
import { parseDate } from "./hours-argument.ts";
import { type OperatorOptions, submitAsOperator, withOperatorOptions } from "./operator-options.ts";

interface PlaceOptions extends OperatorOptions {
  readonly hold: string;
  readonly building: string;
  readonly from: string;
  readonly to?: string;
  readonly reason: string;
}

/** Adds `hold place`. */
export function registerHoldPlace(hold: Command): void {
  const command = hold
    .command("place")
    .description("keep the access records of some days, whatever their retention clock says")
    .requiredOption("--hold <id>", "1 to 64 of a-z, 0-9 and -; used once")
    .requiredOption("--building <id>", "building it covers")
    .requiredOption("--from <date>", "first local date, such as 2026-01-01", parseDate)
    .option("--to <date>", "last local date (without end when absent)", parseDate)
    .requiredOption("--reason <text>", "why; it stands on the ledger for ever, so name no person");
  withOperatorOptions(command).action(async (options: PlaceOptions) => {
    const { hold: id, building, from, to, reason } = options;
    const body = { hold: id, building, from, ...(to === undefined ? {} : { to }), reason };
    await submitAsOperator(options, "hold.place", body, `hold ${id} placed on ${building}`);
  });
}

/** Adds `hold release`. */
export function registerHoldRelease(hold: Command): void {
  const command = hold
    .command("release")
    .description("end a legal hold; the retention clock counts again")
    .requiredOption("--hold <id>", "the hold");
  withOperatorOptions(command).action(
    async (options: OperatorOptions & { readonly hold: string }) => {
      await submitAsOperator(
        options,
        "hold.release",
        { hold: options.hold },
        `hold ${options.hold} released`,
      );
    },
  );
}
