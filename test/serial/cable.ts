// A serial cable that can be unplugged: two ptys joined by socat, each under a name that stays.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PLUG_MS_MAX = 10_000;

/** Why there are no ptys on this machine, or null when there are. */
export function cableProblem(): string | null {
  try {
    execFileSync("socat", ["-V"], { stdio: "ignore" });
    return null;
  } catch {
    return "socat is missing (Debian package socat)";
  }
}

/** Says aloud that a test does not run. */
export function sayIfSkipped(what: string): boolean {
  const problem = cableProblem();
  if (problem !== null) console.log(`SKIPPED: ${what}: ${problem}`);
  return problem !== null;
}

export interface Cable {
  /** Paths of its two ends. They are there while it is plugged in. */
  readonly ends: readonly [string, string];
  plug(): Promise<void>;
  /** SIGKILL: both ends lose their device in the middle of whatever they do. */
  unplug(): Promise<void>;
}

/** A cable that is plugged in; its ends have names in a folder. */
export async function openCable(folder: string, name: string): Promise<Cable> {
  const ends = [join(folder, `${name}-a`), join(folder, `${name}-b`)] as const;
  let socat: ChildProcess | null = null;

  async function plug(): Promise<void> {
    const child = spawn(
      "socat",
      ["-d", "-d", ...ends.map((link) => `pty,raw,echo=0,link=${link}`)],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    socat = child;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("socat is not ready")), PLUG_MS_MAX);
      createInterface({ input: child.stderr! }).on("line", (line) => {
        if (!line.includes("starting data transfer loop")) return;
        clearTimeout(timer);
        resolve();
      });
      child.once("exit", (code) => reject(new Error(`socat ended with ${code}`)));
    });
  }

  await plug();
  return {
    ends,
    plug,
    async unplug() {
      const child = socat;
      socat = null;
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
      // As a device's name goes with the device: else it would soon lead to somebody else's pty.
      for (const end of ends) await rm(end, { force: true });
    },
  };
}
