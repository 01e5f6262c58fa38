// What a gateway says of itself on /health, as far as senders need it.
import { decode } from "@muniment/core";
import * as z from "zod";
import { getJson, waitFor } from "./ledger-view.ts";

const schema = z.looseObject({
  gateway: z.string(),
  building: z.string(),
  /** Leaves in closed batches, and leaves to come. */
  log: z.looseObject({ size: z.int(), pending: z.int() }),
  registry: z.looseObject({ counter: z.int() }),
  alarms: z.array(z.looseObject({ code: z.string(), message: z.string() })),
});

export type GatewayHealth = z.infer<typeof schema>;

/** The gateway's health. Throws ledger.unreachable, or a ZodError when it is another program's. */
export async function gatewayHealth(url: string): Promise<GatewayHealth> {
  return schema.parse(await getJson(`${url}/health`));
}

/** What a gateway complains of, to be put behind a sentence; empty when all is well with it. */
export async function troubleOf(url: string): Promise<string> {
  try {
    const { alarms } = await gatewayHealth(url);
    return alarms.map(({ code, message }) => `; the gateway says ${code}: ${message}`).join("");
  } catch (error) {
    return `; the gateway does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const knowsMsMax = 60_000;

/** Waits until the gateway's registry is as new as the ledger's: what was enrolled before the call is then admitted. */
export async function gatewayKnows(gateway: string, ledger: string): Promise<void> {
  const { gateway: id } = await gatewayHealth(gateway);
  const answer = await fetch(`${ledger}/gateways/${id}/registry?from=1&since=0`);
  const feed = decode(new Uint8Array(await answer.arrayBuffer()));
  const counter = feed instanceof Map ? Number(feed.get("counter")) : 0;
  await waitFor("the gateway's registry to hold the new devices", knowsMsMax, async () => {
    const health = await gatewayHealth(gateway);
    return health.registry.counter >= counter ? health : null;
  });
}
