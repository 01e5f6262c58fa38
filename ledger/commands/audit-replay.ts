// `muniment audit replay`: executes the whole ledger again from its log alone and compares every effect and the root (F5, D9).
import { join } from "node:path";
import {
  fromUtf8,
  parseCheckpoint,
  parseNote,
  readEntries,
  TILE_WIDTH,
  type TileReader,
  toHex,
} from "@muniment/core";
import { type Command, Option } from "commander";
import { checkSignature, type SignatureOptions } from "./checkpoint-signature.ts";
import { openLogSource } from "./log-source.ts";
import { progressLine } from "./progress-line.ts";

interface Options extends SignatureOptions {
  readonly data: string;
  readonly json?: true;
}

/** Adds `audit replay`. */
export function registerAuditReplay(audit: Command): void {
  audit
    .command("replay")
    .description(
      "execute every transaction of a ledger again and compare the effects and the root. Exit 0 when all agrees, 1 otherwise",
    )
    .argument(
      "[folder|url]",
      "the ledger's log: the folder, or the address above /checkpoint (the data folder's when absent)",
    )
    .addOption(new Option("--data <folder>", "data folder").env("MUNIMENT_DATA").default("./data"))
    .option("--vkey <key>", "verifier key that must have signed the checkpoint (name+hash+base64)")
    .option("--policy <file>", "tlog-policy that the checkpoint must satisfy")
    .option("--json", "the report as one JSON line")
    .action(async (location: string | undefined, options: Options) => {
      const { replay } = await import("../consensus/replay.ts");
      const source = location ?? join(options.data, "ledger", "log");
      const readTile = openLogSource(source);
      const bytes = await readTile("checkpoint");
      if (bytes === null) throw new Error(`${source}: expected a file named checkpoint`);
      const note = fromUtf8(bytes);
      const signature = await checkSignature(note, options);
      const { origin, size, root } = parseCheckpoint(parseNote(note).text);
      const line = progressLine("entries");
      const replayed = await replay(leavesOf(size, readTile), (done) =>
        line.update(done, size),
      ).finally(() => line.stop());
      const found = toHex(replayed.root);
      const ok = replayed.origin === origin && found === toHex(root);
      if (!ok) process.exitCode = 1;
      const state = replayed.state.size;
      if (options.json) {
        return console.log(
          JSON.stringify({
            ok,
            origin,
            size,
            height: replayed.height,
            root: found,
            expected: toHex(root),
            state,
            signature,
          }),
        );
      }
      console.log(`ledger      ${replayed.origin}`);
      console.log(
        `replayed    ${replayed.size} entries to height ${replayed.height}; ${state} values of state`,
      );
      console.log(`root        ${found}`);
      console.log(`checkpoint  ${signature}`);
      console.log(
        ok ? "All agrees." : `PROBLEM     the checkpoint says ${origin}, root ${toHex(root)}`,
      );
    });
}

/** The leaves of a log in order, a bundle at a time. */
async function* leavesOf(
  size: number,
  readTile: TileReader,
): AsyncGenerator<{ readonly leaf: Uint8Array }> {
  for (let from = 0; from < size; from += TILE_WIDTH) {
    for (const leaf of await readEntries(from, Math.min(size, from + TILE_WIDTH), size, readTile)) {
      yield { leaf };
    }
  }
}
