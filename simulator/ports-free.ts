// Whether ports can be listened on, asked before anything starts, so that the answer names the flag to change.
import { createServer } from "node:net";
import { SimulatorError } from "./errors.ts";

export interface WantedPort {
  readonly port: number;
  readonly use: string;
  readonly flag: string;
}

/** Throws port.busy with every port that is taken and the flag that changes it. Port 0 is always free. */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const busy: WantedPort[] = [];
  for (const one of wanted) if (one.port !== 0 && !(await isFree(one.port))) busy.push(one);
  if (busy.length === 0) return;
  throw new SimulatorError(
    "port.busy",
    busy
      .map(
        ({ port, use, flag }) =>
          `${port} for ${use}: choose another with ${flag} (0 = any free port)`,
      )
      .join("; "),
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
