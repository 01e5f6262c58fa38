// History: how fast the past of a simulated building gets from its devices through gateway and ledger onto the page.

import { BUILDING, GATEWAY, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { opensslVerifyRate } from "./openssl.ts";
import { type Figure, figure } from "./result.ts";

/** `days` of one building, signed, published, verified, anchored and projected, all on this machine. */
export async function benchHistory(days: number): Promise<Figure[]> {
  const openssl = await opensslVerifyRate(2);
  const fleet = await startFleet(1);
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
    const gateway = (await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as {
      log: { size: number };
    };
    const counted = async () => {
      const answer = (await (await fetch(`${fleet.ledgerUrl}/api/v1/gateways`)).json()) as {
        items: { id: string; standing: Record<string, number> }[];
      };
      return Object.values(answer.items.find(({ id }) => id === GATEWAY)?.standing ?? {}).reduce(
        (sum, n) => sum + n,
        0,
      );
    };
    await until(
      "everything is projected",
      async () => (await counted()) >= gateway.log.size - 1,
      120_000,
    );
    const seconds = (performance.now() - begun) / 1000;
    return [
      figure(
        "history.statements-over-openssl-verify",
        gateway.log.size / seconds,
        "statements/s",
        openssl,
        `${days} days of a building in ${seconds.toFixed(1)} s, simulator, gateway and ledger on the same two cores; baseline: openssl speed -multi 2 verify/s`,
      ),
    ];
  } finally {
    await fleet.close();
  }
}
