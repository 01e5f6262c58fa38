// `muniment place register`: puts floors, rooms and zones on the ledger; the same path again replaces it.
import { type Command, InvalidArgumentError } from "commander";
import { type OperatorOptions, submitAsOperator, withOperatorOptions } from "./operator-options.ts";

interface Options extends OperatorOptions {
  readonly place: string;
  readonly kind: string;
  readonly use?: string;
  readonly label?: string;
  readonly usableFt2?: number;
  readonly seats?: number;
}

/** Adds `place register`. */
export function registerPlaceRegister(place: Command): void {
  const command = place
    .command("register")
    .description("put a part of a building on the ledger; the same path again replaces it")
    .requiredOption("--place <path>", "its path, the building first, such as b1/floor-1/room-101")
    .requiredOption("--kind <kind>", "site, building, floor, room, zone or outside")
    .option("--use <use>", "of a room: office, meeting, lobby, restroom, storage, plant or other")
    .option("--label <text>", "what people call it")
    .option("--usable-ft2 <number>", "usable area, square feet", whole)
    .option("--seats <number>", "seats", whole);
  withOperatorOptions(command).action(async (options: Options) => {
    const { place: path, kind, use, label, usableFt2, seats } = options;
    const facts = {
      place: path,
      kind,
      ...(use === undefined ? {} : { use }),
      ...(label === undefined ? {} : { label }),
      ...(usableFt2 === undefined ? {} : { usableFt2 }),
      ...(seats === undefined ? {} : { seats }),
    };
    const body = { building: path.split("/")[0]!, places: [facts] };
    await submitAsOperator(options, "place.register", body, `place ${path} registered`);
  });
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("expected a whole number.");
  return Number(text);
}
