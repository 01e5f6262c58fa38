// How the command line writes numbers and addresses, and where they come from when a flag is absent (flag over environment).
import { InvalidArgumentError, Option } from "commander";

export const dataOption = () =>
  new Option("--data <folder>", "data folder").env("MUNIMENT_DATA").default("./data");
export const mqttOption = () =>
  new Option("--mqtt <url>", "the gateway's broker")
    .env("MUNIMENT_MQTT")
    .default("mqtt://127.0.0.1:1883");
export const ledgerOption = () =>
  new Option("--ledger <url>", "a ledger node")
    .env("MUNIMENT_LEDGER")
    .default("http://127.0.0.1:8480");
export const gatewayOption = () =>
  new Option("--gateway <url>", "the gateway's HTTP address, to see that it knows new devices")
    .env("MUNIMENT_GATEWAY")
    .default("http://127.0.0.1:8481");

/** A parser of whole numbers in a range, for commander. */
export function wholeNumber(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) {
      throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}
