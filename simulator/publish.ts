// SenML JSON lines become signed statements, sent and acknowledged one line at a time in order (F1, F8).
import { leafHash, type SenmlRecord, type Signer, toHex } from "@muniment/core";
import { deviceUrn } from "./devices.ts";
import { SimulatorError } from "./errors.ts";
import { findItem } from "./ledger-view.ts";
import { awaitResults } from "./results.ts";
import { openSender, type SenderConfig } from "./sender.ts";
import { parseSenmlJson } from "./senml-json.ts";

export interface PublishConfig {
  readonly device: string;
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  readonly signer: Signer;
  readonly outboxPath: string;
  readonly mqtt: string;
  readonly now: () => number;
  readonly onTrouble?: SenderConfig["onTrouble"];
}

/** What became of one line; `result` is the gateway's word, or "acknowledged" when it gave none. */
export interface PublishedLine {
  readonly line: number;
  readonly sequence: number;
  readonly records: number;
  readonly hash: string;
  readonly result: string;
}

/** Publishes line by line; yields each outcome once the broker has acknowledged it. Throws senml.json at a bad line. */
export async function* publishLines(
  lines: AsyncIterable<string>,
  config: PublishConfig,
): AsyncGenerator<PublishedLine> {
  const results = awaitResults();
  const sender = await openSender({
    facts: {
      device: config.device,
      building: config.building,
      place: config.place,
      urn: config.urn,
    },
    signer: config.signer,
    outboxPath: config.outboxPath,
    mqtt: config.mqtt,
    onResult: results.heard,
    ...(config.onTrouble === undefined ? {} : { onTrouble: config.onTrouble }),
  });
  try {
    await sender.resume();
    let line = 0;
    for await (const text of lines) {
      line++;
      if (text.trim() === "") continue;
      const records: readonly SenmlRecord[] = parseSenmlJson(text, config.now());
      for (const item of await sender.send([{ kind: "reading", records }])) {
        yield {
          line,
          sequence: item.sequence,
          records: records.length,
          hash: toHex(leafHash(item.statement)),
          result: (await results.of(item.sequence)) ?? "acknowledged",
        };
      }
    }
  } finally {
    await sender.close();
  }
}

/** Where an enrolled device is, by the ledger's own list. Throws device.unknown or ledger.unreachable. */
export async function findDevice(
  ledger: string,
  device: string,
): Promise<{ readonly building: string; readonly place: string; readonly urn: string }> {
  const found = await findItem(`${ledger}/api/v1/devices`, device);
  if (typeof found?.building !== "string" || typeof found.place !== "string") {
    throw new SimulatorError("device.unknown", `${device}; enrol it with muniment device enrol`);
  }
  return {
    building: found.building,
    place: found.place,
    urn: typeof found.urn === "string" ? found.urn : deviceUrn(device),
  };
}
