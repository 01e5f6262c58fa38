// `muniment fsck`: any tlog-tiles log, from a folder or over the web, is derived again from its entries.
import { fromUtf8, parseCheckpoint, parseNote, toHex } from "@muniment/core";
import type { Command } from "commander";
import { checkLog, rootProblem } from "./check-log.ts";
import { checkSignature, type SignatureOptions } from "./checkpoint-signature.ts";
import { openLogSource } from "./log-source.ts";
import { progressLine } from "./progress-line.ts";

interface Options extends SignatureOptions {
  readonly json?: true;
}

/** Adds `fsck`. */
export function registerFsck(program: Command): void {
  program
    .command("fsck")
    .description(
      "derive every tile and the root of a log again from its entries, and check the checkpoint's signature. Exit 0 when all agrees, 1 otherwise",
    )
    .argument("<folder|url>", "a tlog-tiles log: the folder, or the address above /checkpoint")
    .option("--vkey <key>", "verifier key that must have signed the checkpoint (name+hash+base64)")
    .option("--policy <file>", "tlog-policy that the checkpoint must satisfy")
    .option("--json", "the report as one JSON line")
    .action(async (location: string, options: Options) => {
      const readTile = openLogSource(location);
      const bytes = await readTile("checkpoint");
      if (bytes === null) throw new Error(`${location}: expected a file named checkpoint`);
      const note = fromUtf8(bytes);
      const signature = await checkSignature(note, options);
      const checkpoint = parseCheckpoint(parseNote(note).text);
      const line = progressLine("entries");
      const report = await checkLog(checkpoint.size, readTile, (entries) =>
        line.update(entries, checkpoint.size),
      ).finally(() => line.stop());
      const root = rootProblem(report, checkpoint);
      const problems = [
        ...report.problems,
        ...(root === null ? [] : [{ path: "checkpoint", says: root }]),
      ];
      if (problems.length > 0) process.exitCode = 1;
      if (options.json) {
        const { origin, size } = checkpoint;
        const { tilesChecked } = report;
        console.log(
          JSON.stringify({
            ok: problems.length === 0,
            origin,
            size,
            root: toHex(report.root),
            signature,
            tilesChecked,
            problems,
          }),
        );
        return;
      }
      console.log(`log         ${checkpoint.origin}`);
      console.log(`entries     ${report.size}, root ${toHex(report.root)}`);
      console.log(`tiles       ${report.tilesChecked} derived and compared`);
      console.log(`checkpoint  ${signature}`);
      for (const { path, says } of problems) console.log(`PROBLEM     ${path}: ${says}`);
      console.log(problems.length === 0 ? "All agrees." : `${problems.length} problems.`);
    });
}
