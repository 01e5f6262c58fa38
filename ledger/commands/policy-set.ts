// `muniment policy set`: sets what holds from a time on, with the source that says so (D11).
import type { Encodable } from "@muniment/core";
import { type Command, InvalidArgumentError } from "commander";
import { type OperatorOptions, submitAsOperator, withOperatorOptions } from "./operator-options.ts";

interface Options extends OperatorOptions {
  readonly name: string;
  readonly value: Encodable;
  readonly from?: number;
  readonly citation: string;
}

/** Adds `policy set`. */
export function registerPolicySet(policy: Command): void {
  const command = policy
    .command("set")
    .description("set what holds from a time on; what held before stays on the ledger")
    .requiredOption("--name <name>", "such as retention.access")
    .requiredOption("--value <json>", `such as '{"days":180}'`, json)
    .option("--from <time>", "RFC 3339 time from which it holds (now when absent)", time)
    .requiredOption("--citation <text>", "law, schedule or order that says so");
  withOperatorOptions(command).action(async (options: Options) => {
    const { name, value, citation, from = Date.now() } = options;
    const says = `policy ${name} holds from ${new Date(from).toISOString()}`;
    await submitAsOperator(options, "policy.set", { name, from, value, citation }, says);
  });
}

function json(text: string): Encodable {
  try {
    return JSON.parse(text) as Encodable;
  } catch {
    throw new InvalidArgumentError(`expected JSON such as '{"days":180}'.`);
  }
}

function time(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError("expected a time such as 2026-01-01T00:00:00Z.");
  return at;
}
