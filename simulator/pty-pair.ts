// Two pseudo-terminals joined by socat: a serial cable between two processes of one machine.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SimulatorError } from "./errors.ts";
import type { Running } from "./processes.ts";

export interface PtyPair extends Running {
  /** Paths of the two ends. */
  readonly board: string;
  readonly bridge: string;
}

const readyMsMax = 5_000;
const stopMsMax = 2_000;

/** socat ends when our end of its shell's stdin closes, however we died; and the shell ends when socat does. */
const script = `
exec 3<&0
socat "pty,raw,echo=0,link=$1,ignoreeof" "pty,raw,echo=0,link=$2,ignoreeof" &
pair=$!
(cat <&3 >/dev/null; kill $pair 2>/dev/null) &
wait $pair`;

/** Whether this machine can join two pseudo-terminals. */
export function canJoinPtys(): boolean {
  return spawnSync("socat", ["-V"], { stdio: "ignore" }).status === 0;
}

/** Joins two pseudo-terminals and waits until both are there. Throws child.ended, ready.timeout. */
export async function openPtyPair(folder: string): Promise<PtyPair> {
  await mkdir(folder, { recursive: true });
  const board = resolve(join(folder, "board"));
  const bridge = resolve(join(folder, "bridge"));
  const child: ChildProcess = spawn("sh", ["-c", script, "sh", board, bridge], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const ended = new Promise<number | null>((done) => {
    child.once("exit", (code) => done(code));
    child.once("error", () => done(1));
  });
  let code: number | null | undefined;
  void ended.then((value) => {
    code = value;
  });
  for (const end = Date.now() + readyMsMax; !(existsSync(board) && existsSync(bridge)); ) {
    if (code !== undefined) throw new SimulatorError("child.ended", `socat, exit code ${code}`);
    if (Date.now() > end) throw new SimulatorError("ready.timeout", `${board} and ${bridge}`);
    await new Promise((again) => setTimeout(again, 20));
  }
  return {
    name: "serial line",
    board,
    bridge,
    ended,
    async stop() {
      child.stdin?.end();
      // The group: a shell that is killed leaves its socat behind.
      const timer = setTimeout(() => child.pid && process.kill(-child.pid, "SIGKILL"), stopMsMax);
      await ended;
      clearTimeout(timer);
    },
  };
}
