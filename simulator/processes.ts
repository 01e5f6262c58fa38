// Commands of `muniment` as processes of their own, as in production: started, watched for their ready line, stopped in order.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { SimulatorError } from "./errors.ts";

export interface Running {
  readonly name: string;
  /** Resolves with the process' exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Asks it to stop and waits; one that does not is killed. */
  stop(): Promise<void>;
}

export interface StartConfig {
  /** For people, in messages. */
  readonly name: string;
  readonly arguments: readonly string[];
  /** Once aborted, nothing is started any more. */
  readonly signal?: AbortSignal;
  /** Called with every JSON object that it prints on stdout. */
  readonly onLine?: (line: Readonly<Record<string, unknown>>) => void;
}

const stopMsMax = 15_000;
const errorLinesKept = 20;

/** Starts `muniment` with these arguments, by the same program and in the same mode (source or built) as this process.
 * A child stands in a process group of its own, so that Ctrl-C reaches only us and we stop the children in order. Its
 * stdin is a pipe that closes with us, however we die: muniment.mjs ends a process that was told to watch it. */
export function startCommand(config: StartConfig): Running & { readonly lastErrors: () => string } {
  if (config.signal?.aborted) throw new SimulatorError("child.stopped", config.name);
  const program = process.argv[1];
  if (program === undefined) throw new Error("expected to be run by muniment.mjs");
  const child: ChildProcess = spawn(
    process.execPath,
    [...process.execArgv, program, ...config.arguments],
    {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, MUNIMENT_ENDS_WITH_STDIN: "1" },
    },
  );
  const errors: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors.push(line);
      if (errors.length > errorLinesKept) errors.shift();
    });
  }
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const parsed = parseLine(line);
      if (parsed !== null) config.onLine?.(parsed);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
    child.once("error", () => resolve(1));
  });
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  return {
    name: config.name,
    ended,
    lastErrors: () => errors.join("\n"),
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
      await ended;
      clearTimeout(timer);
      process.removeListener("exit", killAtExit);
    },
  };
}

/** Starts a command whose `ready` resolves when it prints `{"ready":true,…}`, and rejects with child.ended when it ends before. */
export function startService(
  config: StartConfig,
): Running & { readonly ready: Promise<Readonly<Record<string, unknown>>> } {
  let isReady: (line: Readonly<Record<string, unknown>>) => void = () => {};
  const printed = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    isReady = resolve;
  });
  const running = startCommand({
    ...config,
    onLine: (line) => {
      if (line.ready === true) isReady(line);
      config.onLine?.(line);
    },
  });
  const endedFirst = running.ended.then((code): never => {
    throw new SimulatorError(
      "child.ended",
      `${config.name}, exit code ${code}\n${running.lastErrors()}`,
    );
  });
  const ready = Promise.race([printed, endedFirst]);
  ready.catch(() => {});
  return { ...running, ready };
}

/** Runs a command to its end. Throws child.ended when it fails. */
export async function runCommand(config: StartConfig): Promise<void> {
  const running = startCommand(config);
  const code = await running.ended;
  if (code !== 0) {
    throw new SimulatorError(
      "child.ended",
      `${config.name}, exit code ${code}\n${running.lastErrors()}`,
    );
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
