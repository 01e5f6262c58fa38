// `muniment device revoke`: ends the trust in a device's key; nothing takes its place.
import { fromHex } from "@muniment/core";
import { type Command, InvalidArgumentError } from "commander";
import { type OperatorOptions, submitAsOperator, withOperatorOptions } from "./operator-options.ts";

interface Options extends OperatorOptions {
  readonly device?: string;
  readonly kid?: Uint8Array;
  readonly reason: string;
}

/** Adds `device revoke`. */
export function registerDeviceRevoke(device: Command): void {
  const command = device
    .command("revoke")
    .description("end the trust in a device's key, from this moment on")
    .option("--device <id>", "device whose key is revoked; or give --kid")
    .option("--kid <hex>", "key id, 64 hexadecimal digits (`muniment keys show` prints it)", keyId)
    .requiredOption("--reason <text>", "why; it stands on the ledger for ever, so name no person");
  withOperatorOptions(command).action(async (options: Options) => {
    const kid = options.kid ?? (await kidOfDevice(options));
    const says = `key ${options.device ?? ""} revoked`.replace("  ", " ");
    await submitAsOperator(options, "key.revoke", { kid, reason: options.reason }, says);
  });
}

async function kidOfDevice({ device, ledger }: Options): Promise<Uint8Array> {
  if (device === undefined) throw new Error("expected --device or --kid");
  for (let cursor = ""; ; ) {
    const { items, next } = await devicesPage(`${ledger}/api/v1/devices${cursor}`);
    const kid = items.find((item) => item.id === device)?.kid;
    if (typeof kid === "string") return fromHex(kid);
    if (typeof next !== "string") throw new Error(`the ledger knows no device ${device}`);
    cursor = `?cursor=${encodeURIComponent(next)}`;
  }
}

interface DevicesPage {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

async function devicesPage(url: string): Promise<DevicesPage> {
  const answer = await fetch(url).catch((cause: Error) => {
    throw new Error(`the ledger does not answer at ${url}; give --kid instead`, { cause });
  });
  if (!answer.ok) throw new Error(`${url}: expected status 200, got ${answer.status}`);
  return (await answer.json()) as DevicesPage;
}

function keyId(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(text))
    throw new InvalidArgumentError("expected 64 hexadecimal digits.");
  return fromHex(text.toLowerCase());
}
