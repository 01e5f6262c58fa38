// One bundle and one policy in the data folder, so that `muniment verify` has something to try.
import { join } from "node:path";
import * as z from "zod";
import { SimulatorError } from "./errors.ts";
import { getJson } from "./ledger-view.ts";

export interface Example {
  readonly bundle: string;
  readonly policy: string;
}

const series = z.looseObject({
  items: z.array(z.looseObject({ time: z.string(), gateway: z.string(), index: z.int() })),
});
const hoursBack = 48;

/** Writes the evidence of a recent reading of the point, and the ledger's policy. Throws ready.timeout when there is no reading. */
export async function writeExample(config: {
  readonly data: string;
  readonly ledger: string;
  readonly point: string;
  readonly write: (path: string, text: string) => Promise<void>;
}): Promise<Example> {
  const { data, ledger, point, write } = config;
  const to = new Date();
  const from = new Date(to.getTime() - hoursBack * 3_600_000);
  const range = `from=${from.toISOString()}&to=${to.toISOString()}`;
  const answer = await getJson(`${ledger}/api/v1/points/${point}/series?${range}`);
  const reading = answer === null ? undefined : series.parse(answer).items[0];
  if (reading === undefined)
    throw new SimulatorError("ready.timeout", `no reading of ${point} in ${hoursBack} hours`);
  const evidence = await getJson(`${ledger}/evidence/${reading.gateway}/${reading.index}`);
  const policy = await (await fetch(`${ledger}/policy`)).text();
  const example = {
    bundle: join(data, "example-evidence.json"),
    policy: join(data, "ledger-policy.txt"),
  };
  await write(example.bundle, `${JSON.stringify(evidence, null, 2)}\n`);
  await write(example.policy, policy);
  return example;
}
