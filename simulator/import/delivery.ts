// Imported readings on the same road as a device's: signed, sent, acknowledged; a second run sends only what is newer.
import type { SenmlRecord, Signer } from "@muniment/core";
import { openOutbox } from "../outbox.ts";
import { packRecords } from "../pack.ts";
import { acceptedResults, awaitResults } from "../results.ts";
import { openSender, type Saying, type SenderConfig } from "../sender.ts";
import type { ManualDevice } from "./manual-device.ts";

export interface DeliveryConfig {
  readonly to: ManualDevice;
  readonly signer: Signer;
  readonly outboxPath: string;
  readonly mqtt: string;
  /** Whether readings are sent that are not newer than what was sent before: what they correct stays in the ledger, and they stand. */
  readonly again: boolean;
  readonly onTrouble?: SenderConfig["onTrouble"];
}

export interface Delivery {
  /** Readings that an earlier run had sent already. */
  readonly already: number;
  readonly sent: number;
  readonly statements: number;
  readonly acknowledged: number;
  /** Readings the gateway refused, by its code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** An import may span any length of time. */
const unboundedSpanSeconds = Number.MAX_SAFE_INTEGER;

/** Sends records, which are in order of time; resolves when all are acknowledged. */
export async function deliver(
  records: readonly SenmlRecord[],
  config: DeliveryConfig,
): Promise<Delivery> {
  const { device, building, place, urn } = config.to;
  const { through, pending } = await openOutbox(config.outboxPath);
  const wanted = config.again ? records : records.filter(({ time }) => time > through);
  const already = records.length - wanted.length;
  if (wanted.length === 0 && pending.length === 0)
    return { already, sent: 0, statements: 0, acknowledged: 0, refused: {} };

  const results = awaitResults();
  const sender = await openSender({
    facts: { device, building, place, urn },
    signer: config.signer,
    outboxPath: config.outboxPath,
    mqtt: config.mqtt,
    onResult: results.heard,
    ...(config.onTrouble === undefined ? {} : { onTrouble: config.onTrouble }),
  });
  try {
    await sender.resume();
    const packs = packRecords(wanted, unboundedSpanSeconds);
    const sayings: readonly Saying[] = packs.map((pack) => ({ kind: "reading", records: pack }));
    const items = await sender.send(sayings);
    const refused: Record<string, number> = {};
    let acknowledged = 0;
    for (const [i, { sequence }] of items.entries()) {
      const readings = packs[i]!.length;
      const result = (await results.of(sequence)) ?? "acknowledged";
      if (acceptedResults.has(result)) acknowledged += readings;
      else refused[result] = (refused[result] ?? 0) + readings;
    }
    return { already, sent: wanted.length, statements: items.length, acknowledged, refused };
  } finally {
    await sender.close();
  }
}
