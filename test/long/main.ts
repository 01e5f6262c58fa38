// `npm run long`: the full counts that CI only samples. Writes what it found, with the commit it ran on, to docs/long-runs.md.

import { execFileSync, spawnSync } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killStorm } from "../crash/storm.ts";
import { ROOT } from "../stack/process.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "200" },
    seed: { type: "string" },
  },
});

/** Each run returns one line for the record, and whether it held. */
const runs: Readonly<
  Record<string, () => Promise<{ readonly held: boolean; readonly says: string }>>
> = {
  async "kill-storm"() {
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const report = await killStorm(Number(values.rounds), seed, console.log);
    const steps = new Map<string, number>();
    for (const { victim, step } of report.kills)
      steps.set(`${victim} ${step}`, (steps.get(`${victim} ${step}`) ?? 0) + 1);
    const where = [...steps]
      .map(([step, count]) => `${step} ${count}`)
      .sort()
      .join(", ");
    const trouble = [
      ...report.missed,
      ...report.lost,
      ...report.doubled,
      ...report.altered,
      ...report.unverified,
    ];
    return {
      held: trouble.length === 0,
      says: `${report.kills.length} kills (${where}), seed ${seed}, ${report.missed.length} write steps missed: ${report.acknowledged} acknowledged, ${report.lost.length} lost, ${report.doubled.length} doubled, ${report.altered.length} altered, ${report.unverified.length} logs not verified`,
    };
  },
  async "evidence-bytes"() {
    const { status } = spawnSync("npx", ["vitest", "run", "test/conformance/evidence"], {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, MUNIMENT_LONG: "1" },
    });
    return { held: status === 0, says: "every single-byte change of an evidence bundle" };
  },
};

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
  cwd: ROOT,
  encoding: "utf8",
}).trim();
for (const [name, run] of Object.entries(runs)) {
  if (values.only !== undefined && values.only !== name) continue;
  const { held, says } = await run();
  console.log(`${name}: ${held ? "held" : "FAILED"}: ${says}`);
  await appendFile(
    join(ROOT, "docs/long-runs.md"),
    `| ${new Date().toISOString().slice(0, 10)} | ${commit} | ${name} | ${held ? "held" : "FAILED"} | ${says} |\n`,
  );
  if (!held) process.exitCode = 1;
}
