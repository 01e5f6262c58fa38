// What every command that signs as an operator shares: where the key is, which node to ask, how the answer is told.
import { join } from "node:path";
import type { Encodable } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import { type Command, Option } from "commander";

export interface OperatorOptions {
  readonly data: string;
  readonly key?: string;
  readonly ledger: string;
  readonly json?: true;
}

/** Adds --data, --key, --ledger and --json to a command. */
export function withOperatorOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--data <folder>", "data folder; its keys/operator.pem signs")
        .env("MUNIMENT_DATA")
        .default("./data"),
    )
    .addOption(new Option("--key <file>", "the operator's private key, if it is elsewhere"))
    .addOption(
      new Option("--ledger <url>", "a ledger node")
        .env("MUNIMENT_LEDGER")
        .default("http://127.0.0.1:8480"),
    )
    .option("--json", "the answer as one JSON line");
}

/** Signs and submits one transaction, tells the answer and sets exit code 1 when it was refused. */
export async function submitAsOperator(
  options: OperatorOptions,
  kind: string,
  body: Encodable,
  says: string,
): Promise<void> {
  const keyPath = options.key ?? join(options.data, "keys", "operator.pem");
  const operator = await openOperator({ keyPath, ledger: options.ledger });
  const answer = await operator.submit(kind, body);
  if (!answer.ok) process.exitCode = 1;
  if (options.json) console.log(JSON.stringify(answer));
  else if (answer.ok) console.log(`${says}: ledger entry ${answer.index}, height ${answer.height}`);
  else console.error(`refused, ${answer.code}: ${answer.message}`);
}
