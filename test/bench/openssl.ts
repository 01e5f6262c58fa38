// The baseline of signature work: what the openssl command line verifies a second on the same cores.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Ed25519 verifications a second of `openssl speed -multi 2`. */
export async function opensslVerifyRate(seconds: number): Promise<number> {
  const { stdout } = await run(
    "openssl",
    ["speed", "-seconds", String(seconds), "-multi", "2", "ed25519"],
    { maxBuffer: 1 << 20 },
  );
  const line = /253 bits EdDSA \(Ed25519\)\s+\S+\s+\S+\s+(\S+)\s+(\S+)/.exec(stdout);
  if (line === null) throw new Error(`openssl speed printed no Ed25519 line:\n${stdout}`);
  return Number(line[2]);
}
