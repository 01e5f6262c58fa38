// History: how fast the past of a simulated building gets from its devices through gateway and ledger onto the page.

import { BUILDING, GATEWAY, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { opensslVerifyRate } from "./openssl.ts";
import { type Figure, figure } from "./result.ts";

interface Health {
  readonly log: { readonly size: number; readonly pending: number };
}

/** `days` of one building, signed, published, verified, anchored and projected, all on this machine. */
export async function benchHistory(days: number): Promise<Figure[]> {
  const openssl = await opensslVerifyRate(2);
  const fleet = await startFleet(1, { gatewayArgs: ["--batch-age-ms-max", "500"] });
  try {
    const begun = performance.now();
    const sent = await runProduct([
      "simulate",
      "--data",
      fleet.data,
      "--building",
      BUILDING,
      "--days",
      String(days),
      "--seed",
      "7",
      "--mqtt",
      `mqtt://127.0.0.1:${fleet.mqttPort()}`,
      "--ledger",
      fleet.ledgerUrl,
      "--gateway",
      fleet.gatewayUrl(),
      "--json",
    ]);
    if (sent.code !== 0) throw new Error(`simulate: ${sent.stderr}`);
    const log = async () =>
      ((await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as Health).log;
    await until("the last batch is closed", async () => {
      const { size, pending } = await log();
      return size > 1 && pending === 0;
    });
    const { size } = await log();
    const counted = async () => {
      const answer = (await (await fetch(`${fleet.ledgerUrl}/api/v1/gateways`)).json()) as {
        items: { id: string; standing: Record<string, number> }[];
      };
      return Object.values(answer.items.find(({ id }) => id === GATEWAY)?.standing ?? {}).reduce(
        (sum, n) => sum + n,
        0,
      );
    };
    await until("everything is projected", async () => (await counted()) >= size - 1, 120_000);
    const seconds = (performance.now() - begun) / 1000;
    const { points } = (await (
      await fetch(`${fleet.ledgerUrl}/api/v1/buildings/${BUILDING}`)
    ).json()) as { points: { received: number }[] };
    const readings = points.reduce((sum, { received }) => sum + received, 0);
    return [
      figure(
        "history.readings-over-openssl-verify",
        readings / seconds,
        "readings/s",
        openssl,
        `${days} days of a building, ${readings} readings in ${size} statements, from the first signature to the last row in ${seconds.toFixed(1)} s; simulator, gateway and ledger on the same two cores; baseline: openssl speed -multi 2 verify/s`,
      ),
    ];
  } finally {
    await fleet.close();
  }
}
