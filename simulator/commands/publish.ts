// `muniment publish`: SenML JSON lines on stdin, signed statements out.
import type { Command } from "commander";
import { ledgerOption, mqttOption } from "./options.ts";

interface Options {
  readonly device: string;
  readonly key: string;
  readonly mqtt: string;
  readonly ledger: string;
  readonly building?: string;
  readonly place?: string;
  readonly birth?: true;
  readonly json?: true;
}

/** Adds `publish`. */
export function registerPublish(program: Command): void {
  program
    .command("publish")
    .description(
      "sign SenML JSON lines from stdin with a device's key and send them; each line is acknowledged before the next.\n" +
        'A line: {"n":"energy","u":"J","v":1234,"t":1767225600} or a pack [{…},{…}]. Exit 0 when all were admitted, 1 otherwise.',
    )
    .requiredOption("--device <id>", "device id, as enrolled")
    .requiredOption(
      "--key <file>",
      "the device's private key (PEM); its sequence is kept beside it",
    )
    .addOption(mqttOption())
    .addOption(ledgerOption())
    .option("--building <id>", "building of the device (asked from the ledger when absent)")
    .option("--place <path>", "place of the device (asked from the ledger when absent)")
    .option("--birth", "declare the device's points first, as they are enrolled")
    .option("--json", "one JSON line for each line sent")
    .action(async (options: Options) => {
      const { loadSigner } = await import("@muniment/core/files");
      const { enrolledBirth, findDevice, publishLines } = await import("../publish.ts");
      const { linesOf } = await import("../lines.ts");
      const { deviceUrn } = await import("../devices.ts");
      const { acceptedResults } = await import("../results.ts");
      const { building, place } = options;
      const facts =
        building === undefined || place === undefined
          ? await findDevice(options.ledger, options.device)
          : { building, place, urn: deviceUrn(options.device) };
      const published = publishLines(linesOf(process.stdin.setEncoding("utf8")), {
        device: options.device,
        ...facts,
        signer: await loadSigner(options.key),
        outboxPath: `${options.key}.outbox.json`,
        mqtt: options.mqtt,
        ...(options.birth
          ? { birth: await enrolledBirth(options.ledger, facts.building, options.device) }
          : {}),
        now: () => Date.now() / 1000,
        onTrouble: (reason, waitMs) =>
          console.error(`${options.device}: ${reason}; next attempt in ${waitMs} ms`),
      });
      for await (const line of published) {
        if (!acceptedResults.has(line.result)) process.exitCode = 1;
        console.log(
          options.json
            ? JSON.stringify(line)
            : `${line.line === 0 ? "birth" : `line ${line.line}`}: sequence ${line.sequence}, ${line.records} ${line.line === 0 ? "records" : "readings"}, ${line.result}`,
        );
      }
    });
}
