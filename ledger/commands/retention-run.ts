// `muniment retention run`: destroys the access bodies of a data folder that are past their clock, while no node runs on it (D8).
import { loadSigner } from "@muniment/core/files";
import { type Command, Option } from "commander";
import type { RetentionReport } from "../retention/retention.ts";

interface Options {
  readonly data: string;
  readonly key?: string;
  readonly json?: true;
}

/** Adds `retention run`. A running node does the same by itself. */
export function registerRetentionRun(retention: Command): void {
  retention
    .command("run")
    .description(
      "destroy the access records that are past their retention clock and not held; a running node does so by itself",
    )
    .addOption(
      new Option("--data <folder>", "data folder of a ledger node that is not running")
        .env("MUNIMENT_DATA")
        .default("./data"),
    )
    .option("--key <file>", "key that signs the dispositions (the node's own archivist key)")
    .option("--json", "the report as one JSON line")
    .action(async ({ data, key, json }: Options) => {
      const { loadConfig } = await import("../config.ts");
      const { openRooms } = await import("../rooms.ts");
      const { systemClock } = await import("../ports.ts");
      const config = await loadConfig({ data }, process.env);
      const signer = key === undefined ? undefined : await loadSigner(key);
      const rooms = await openRooms(config, systemClock, signer).catch((cause: unknown) => {
        if (!isLocked(cause)) throw cause;
        throw new Error(
          `a node runs on ${data}: it destroys what is past its clock by itself, every ${config.retentionEveryMs / 60_000} minutes`,
          { cause },
        );
      });
      try {
        const report = await rooms.retention.run();
        if (report.refused.length > 0) process.exitCode = 1;
        console.log(json ? JSON.stringify(report) : describe(report));
      } finally {
        await rooms.close();
      }
    });
}

function describe({ policy, dispositions, bodies, kept, held, refused }: RetentionReport): string {
  const clock =
    policy === null
      ? "no policy retention.access is in force, so nothing is ever destroyed"
      : `access records are kept ${policy.days} days (${policy.citation})`;
  const done =
    dispositions.length === 0
      ? "nothing was past its clock"
      : `${bodies} bodies destroyed, by ledger entries ${dispositions.join(", ")}`;
  return [
    clock,
    `${done}; ${kept} days are kept`,
    ...held.map(({ building, date, hold }) => `${building} ${date}: kept by hold ${hold}`),
    ...refused.map(({ building, date, message }) => `${building} ${date}: refused, ${message}`),
  ].join("\n");
}

/** LevelDB's lock on a folder that another process has open, however deep it lies in the causes. */
function isLocked(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if ((one as { code?: unknown }).code === "LEVEL_LOCKED") return true;
  return false;
}
