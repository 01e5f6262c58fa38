// Kills a process at one of its own durable steps: strace delivers SIGKILL as the n-th fsync, fdatasync or rename of chosen paths begins.

import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type StepCall = "fsync" | "fdatasync" | "rename";

/** Why killing at a step is not possible on this machine, or null when it is. */
export function assassinProblem(): string | null {
  try {
    execFileSync("strace", ["-qq", "-e", "trace=none", "true"], { stdio: "ignore" });
    return null;
  } catch {
    return "strace is missing, or may not trace here";
  }
}

/** Whom to kill, and when. */
export interface Aim {
  readonly calls: readonly StepCall[];
  /** The n-th such call is the last, counted for each call in whichever thread gets there first. */
  readonly n: number;
  /** Only calls on these files and folders count; all when empty. */
  readonly paths: readonly string[];
}

/** Kills `pid` where the aim says. Returns the path that the call was about, or null when no such call came within
 * `msMax`; the process is then killed without ado. */
export async function killAtStep(
  pid: number,
  { calls, n, paths }: Aim,
  msMax: number,
): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-strace-"));
  const log = join(folder, "log");
  const names = calls
    .flatMap((call) => (call === "rename" ? ["rename", "renameat", "renameat2"] : [call]))
    .join(",");
  const tracer = spawn(
    "strace",
    [
      "-f",
      "-qq",
      "-y",
      "-p",
      String(pid),
      ...paths.flatMap((path) => ["-P", path]),
      "-e",
      `trace=${names}`,
      "-e",
      `inject=${names}:signal=SIGKILL:when=${n}`,
      "-o",
      log,
    ],
    {
      stdio: "ignore",
    },
  );
  const timer = setTimeout(() => kill(pid), msMax);
  await new Promise<void>((resolve) => tracer.once("exit", () => resolve()));
  clearTimeout(timer);
  const lines = (await readFile(log, "utf8")).split("\n");
  await rm(folder, { recursive: true, force: true });
  // The call that SIGKILL interrupted is the one that never returned.
  const interrupted =
    lines.filter((line) => line.includes("unfinished")).at(-1) ??
    lines.filter((line) => /= \?$/.test(line)).at(-1);
  if (interrupted === undefined) return null;
  return /<(\/[^>]*)>/.exec(interrupted)?.[1] ?? /"([^"]*)"[^"]*$/.exec(interrupted)?.[1] ?? null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended by itself
  }
}
