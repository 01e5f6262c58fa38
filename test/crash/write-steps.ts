// The write steps of gateway and ledger: for each the files that it makes durable, so that a process can be killed right there.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { GATEWAY } from "../stack/fleet.ts";

/** One durable step of one process. */
export interface WriteStep {
  readonly victim: "gateway" | "ledger";
  readonly step: string;
  /** Where its files lie, in the data folder. */
  readonly folder: string;
  /** `files`: what lies in the folder now; `folders`: the folder and those below it, whose syncs end the step. */
  readonly by: "files" | "folders";
}

const box = `gateways/${GATEWAY}`;
const archive = `ledger/archive/${GATEWAY}`;

export const WRITE_STEPS: readonly WriteStep[] = [
  { victim: "gateway", step: "journal", folder: `${box}/journal`, by: "files" },
  { victim: "gateway", step: "quarantine", folder: `${box}/quarantine`, by: "files" },
  { victim: "gateway", step: "log bundles", folder: `${box}/log/tile/entries`, by: "folders" },
  { victim: "gateway", step: "log tiles", folder: `${box}/log/tile/0`, by: "folders" },
  { victim: "gateway", step: "log checkpoint", folder: `${box}/log`, by: "files" },
  { victim: "gateway", step: "state", folder: `${box}/state`, by: "files" },
  { victim: "ledger", step: "archive staging", folder: `${archive}/staged`, by: "folders" },
  { victim: "ledger", step: "archive bundles", folder: `${archive}/tile/entries`, by: "folders" },
  { victim: "ledger", step: "archive tiles", folder: `${archive}/tile/0`, by: "folders" },
  { victim: "ledger", step: "archive checkpoint", folder: archive, by: "files" },
  { victim: "ledger", step: "state", folder: "ledger/state", by: "files" },
  { victim: "ledger", step: "log bundles", folder: "ledger/log/tile/entries", by: "folders" },
  { victim: "ledger", step: "log tiles", folder: "ledger/log/tile/0", by: "folders" },
  { victim: "ledger", step: "log checkpoint", folder: "ledger/log", by: "files" },
  { victim: "ledger", step: "signed checkpoint", folder: "ledger/keys", by: "files" },
  { victim: "ledger", step: "read model", folder: "ledger", by: "files" },
];

/** Paths that one aim may name. */
const PATHS_MAX = 64;

/** What to watch for this step in a data folder, as it lies there now. */
export function pathsOf({ folder, by }: WriteStep, data: string): string[] {
  const root = join(data, folder);
  if (by === "files") {
    const files = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(root, name));
    // The last step of replacing a file is the sync of its folder.
    return [...files, ...(folder === "ledger" ? [] : [root])].slice(-PATHS_MAX);
  }
  const below = readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  return [root, ...below].slice(-PATHS_MAX);
}

/** The step that a path of a data folder belongs to; "elsewhere" when there is none. */
export function stepAt(victim: WriteStep["victim"], path: string | null, data: string): string {
  if (path === null) return "elsewhere";
  const found = WRITE_STEPS.filter((one) => {
    if (one.victim !== victim) return false;
    const root = join(data, one.folder);
    return one.by === "files"
      ? path === root || dirname(path) === root
      : `${path}/`.startsWith(`${root}/`);
  }).sort((a, b) => b.folder.length - a.folder.length)[0];
  return found?.step ?? "elsewhere";
}
