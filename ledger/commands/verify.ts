// `muniment verify`: an evidence bundle against a pinned policy, offline, with nothing but the two files (F7).
import { readFile } from "node:fs/promises";
import { type Verdict, verifyEvidence } from "@muniment/core";
import type { Command } from "commander";

/** A bundle cannot vouch for itself: without a policy of one's own the best verdict is 2. */
const exitCodes = { verified: 0, failed: 1, "consistent-issuer-not-trusted": 2 } as const;

/** Adds `verify`. */
export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description(
      "verify an evidence bundle offline. Exit 0: verified under the policy; 2: consistent, issuer not trusted (no policy given); 1: failed, with the step",
    )
    .argument("<bundle>", "evidence bundle (JSON)")
    .option(
      "--policy <file>",
      "tlog-policy file that you trust, from another source than the bundle",
    )
    .option("--json", "the verdict as one JSON line")
    .action(async (file: string, options: { readonly policy?: string; readonly json?: true }) => {
      const text = await readFile(file, "utf8");
      const policy =
        options.policy === undefined ? undefined : await readFile(options.policy, "utf8");
      const verdict = verifyEvidence(text, policy === undefined ? {} : { policy });
      process.exitCode = exitCodes[verdict.verdict];
      console.log(options.json ? JSON.stringify(verdict) : describe(verdict));
    });
}

function describe(verdict: Verdict): string {
  const lines = verdict.steps.map(({ ok, step, says, by, when }) => {
    const who = by === undefined ? "" : `, by ${by}`;
    const at = when === undefined ? "" : `, ${when}`;
    return `${ok ? "ok    " : "FAILED"}  ${step.padEnd(16)}  ${says}${who}${at}`;
  });
  const says = {
    verified: "Verified.",
    "consistent-issuer-not-trusted":
      "Consistent, issuer not trusted: nothing contradicts the bundle, but it was checked under its own policy. Give --policy with one you trust.",
    failed: `Failed at step ${verdict.failedStep ?? "bundle"}.`,
  }[verdict.verdict];
  return [...lines, says].join("\n");
}
