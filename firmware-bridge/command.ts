// The bridge's command: `muniment bridge` joins one serial line to a gateway (F9).

import type { Command } from "commander";

/** Adds the commands to a program. */
export function register(_program: Command): void {}
