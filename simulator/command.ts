// The simulator's share of the command line: demo, simulate, publish, replay (formats: names that scripts may rely on).
import type { Command } from "commander";
import { registerDemo } from "./commands/demo.ts";
import { registerImport } from "./commands/import.ts";
import { registerPublish } from "./commands/publish.ts";
import { registerReplay } from "./commands/replay.ts";
import { registerSimulate } from "./commands/simulate.ts";

/** Adds this package's commands to the program. */
export function register(program: Command): void {
  registerDemo(program);
  registerSimulate(program);
  registerPublish(program);
  registerReplay(program);
  registerImport(program);
}
