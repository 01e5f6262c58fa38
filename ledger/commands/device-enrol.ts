// `muniment device enrol`: puts a device's public key, place and points on the ledger.
import { fromHex } from "@muniment/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type OperatorOptions, submitAsOperator, withOperatorOptions } from "./operator-options.ts";
import { collectPoint, type PointArgument } from "./point-argument.ts";

interface Options extends OperatorOptions {
  readonly building: string;
  readonly device: string;
  readonly publicKey: Uint8Array;
  readonly place?: string;
  readonly urn?: string;
  readonly bridge?: string;
  readonly trust?: string;
  readonly point: readonly PointArgument[];
}

/** Adds `device enrol`. */
export function registerDeviceEnrol(device: Command): void {
  const command = device
    .command("enrol")
    .description(
      "put a device's key, place and points on the ledger, signed with the operator's key",
    )
    .requiredOption("--building <id>", "building it stands in")
    .requiredOption("--device <id>", "1 to 64 of a-z, 0-9 and -; unique in the ledger")
    .requiredOption(
      "--public-key <hex>",
      "its Ed25519 public key, 64 hexadecimal digits",
      publicKey,
    )
    .option(
      "--place <path>",
      "where it stands, such as b1/floor-2/room-201 (the building when absent)",
    )
    .option("--urn <urn>", "its URN (urn:dev:os:32473-<device> when absent)")
    .option("--bridge <id>", "enrolled device of the same building that may publish for it")
    .addOption(
      new Option(
        "--trust <level>",
        "who vouches for its readings: itself, a bridge that observed them, or a person who enters them (device)",
      ).choices(["device", "observed", "manual"]),
    )
    .option(
      "--point <name=unit[:kind[:interval]][@BrickClass]>",
      "what it measures; give it once for each point",
      collectPoint,
      [],
    );
  withOperatorOptions(command).action(async (options: Options) => {
    const { building, device: id, publicKey: key, point } = options;
    const body = {
      device: id,
      building,
      place: options.place ?? building,
      urn: options.urn ?? `urn:dev:os:32473-${id}`,
      key,
      points: point.map((one) => ({ ...one })),
      ...(options.bridge === undefined ? {} : { bridge: options.bridge }),
      ...(options.trust === undefined ? {} : { trust: options.trust }),
    };
    await submitAsOperator(options, "device.enrol", body, `device ${id} enrolled in ${building}`);
  });
}

function publicKey(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(text))
    throw new InvalidArgumentError("expected 64 hexadecimal digits.");
  return fromHex(text.toLowerCase());
}
