// One real process of the product, started as an operator would, on free ports; ended by its own id.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const KEPT_LINES_MAX = 200;

/** A running `muniment <command> --json`. `ready` is the JSON line it printed when it was ready. */
export interface Product {
  readonly ready: Readonly<Record<string, unknown>>;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  /** The last lines of its output, for the message of a failed test. */
  output(): string;
  /** SIGKILL: what a power cut leaves, as far as one process can show it. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a command and waits for its ready line; an early exit is an error that holds its output. */
export async function startProduct(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const child = spawn(process.execPath, ["muniment.mjs", ...args, "--json"], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES_MAX) lines.shift();
  };
  const exited = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => resolve(code)),
  );
  createInterface({ input: child.stderr! }).on("line", keep);
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const timer = setTimeout(() => fail("not ready in time"), READY_MS_MAX);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`muniment ${args.join(" ")}: ${why}\n${lines.join("\n")}`));
    };
    createInterface({ input: child.stdout! }).on("line", (line) => {
      keep(line);
      const answer = readyLine(line);
      if (answer === null) return;
      clearTimeout(timer);
      resolve(answer);
    });
    void exited.then((code) => fail(`ended with ${code} before it was ready`));
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  return {
    ready,
    child,
    exited,
    output: () => lines.join("\n"),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

function readyLine(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return value.ready === true ? value : null;
  } catch {
    return null;
  }
}

/** Runs a command to its end; `stdin` is written and closed. */
export async function runProduct(
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, ["muniment.mjs", ...args], {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(options.stdin ?? "");
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}
