// `muniment replay`: a CSV file of a real data set through devices, gateway and ledger.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { dataOption, gatewayOption, ledgerOption, mqttOption, wholeNumber } from "./options.ts";

interface Options {
  readonly map: string;
  readonly data: string;
  readonly mqtt: string;
  readonly ledger: string;
  readonly gateway: string;
  readonly enrol: boolean;
  readonly enrolOnly?: true;
  readonly pack: number;
  readonly json?: true;
}

/** Adds `replay`. */
export function registerReplay(program: Command): void {
  program
    .command("replay")
    .description(
      "send the rows of a CSV file as signed readings with their own timestamps; rows must be in time order.\n" +
        "Run again, it sends only what is newer than what it sent before. Exit 0 when nothing was refused, 1 otherwise.",
    )
    .argument("<file>", "CSV file with a header line")
    .requiredOption("--map <file>", "map of its columns (simulator/maps has examples)")
    .addOption(dataOption())
    .addOption(mqttOption())
    .addOption(ledgerOption())
    .addOption(gatewayOption())
    .option("--no-enrol", "do not register the building and its devices first")
    .option("--enrol-only", "register them and send nothing, so that their gateway can be enrolled")
    .option("--pack <records>", "records of one statement", wholeNumber(1, 100), 100)
    .option("--json", "the summary as one JSON line")
    .action(async (file: string, options: Options) => {
      const { enrolMap, replay } = await import("../replay.ts");
      const { parseReplayMap } = await import("../replay-map.ts");
      const { gatewayKnows } = await import("../gateway-status.ts");
      const { progressBar } = await import("../progress.ts");
      const map = parseReplayMap(await readFile(options.map, "utf8"));
      if (options.enrolOnly) {
        await enrolMap(map, options.data, options.ledger);
        console.log(`building ${map.building.id} and its devices are enrolled`);
        return;
      }
      const bar = progressBar("replay");
      const summary = await replay({
        file,
        map,
        data: options.data,
        mqtt: options.mqtt,
        ledger: options.enrol ? options.ledger : null,
        packMax: options.pack,
        enrolled: () => gatewayKnows(options.gateway, options.ledger),
        onTrouble: (reason, waitMs) => console.error(`${reason}; next attempt in ${waitMs} ms`),
        onProgress: (rows, readings) =>
          bar.update(rows, rows, `${rows} rows, ${readings} readings`),
      }).finally(() => bar.stop());
      if (Object.keys(summary.refused).length > 0) process.exitCode = 1;
      if (options.json) return console.log(JSON.stringify(summary));
      const counts = (codes: Readonly<Record<string, number>>) =>
        Object.entries(codes)
          .map(([code, count]) => `${count} ${code}`)
          .join(", ") || "0";
      console.log(`rows read       ${summary.rows} (${summary.from} to ${summary.to})`);
      console.log(`rows left out   ${counts(summary.rowsRefused)}`);
      console.log(`cells missing   ${summary.missing}, without a number ${summary.notNumbers}`);
      console.log(`sent before     ${summary.already} readings`);
      console.log(`sent            ${summary.sent} readings in ${summary.statements} statements`);
      console.log(`acknowledged    ${summary.acknowledged} readings`);
      console.log(`refused         ${counts(summary.refused)}`);
    });
}
