// SenML JSON lines become signed statements, sent and acknowledged one line at a time in order (F1, F8).
import { type Birth, birthRecords, leafHash, type Signer, toHex } from "@muniment/core";
import * as z from "zod";
import { deviceUrn } from "./devices.ts";
import { SimulatorError } from "./errors.ts";
import { findItem, getJson } from "./ledger-view.ts";
import { awaitResults } from "./results.ts";
import { openSender, type Saying, type SenderConfig } from "./sender.ts";
import { parseSenmlJson } from "./senml-json.ts";

export interface PublishConfig {
  readonly device: string;
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  readonly signer: Signer;
  readonly outboxPath: string;
  readonly mqtt: string;
  /** What the device declares of itself before the first line. */
  readonly birth?: Birth;
  readonly now: () => number;
  readonly onTrouble?: SenderConfig["onTrouble"];
}

/** What became of one line, or of the birth as line 0; `result` is the gateway's word, or "acknowledged" when it gave none. */
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
    const said = async function* (line: number, saying: Saying) {
      for (const item of await sender.send([saying])) {
        yield {
          line,
          sequence: item.sequence,
          records: saying.records.length,
          hash: toHex(leafHash(item.statement)),
          result: (await results.of(item.sequence)) ?? "acknowledged",
        };
      }
    };
    const { birth, now } = config;
    if (birth !== undefined)
      yield* said(0, { kind: "self", records: birthRecords(birth, Math.floor(now())) });
    let line = 0;
    for await (const text of lines) {
      line++;
      if (text.trim() === "") continue;
      yield* said(line, { kind: "reading", records: parseSenmlJson(text, now()) });
    }
  } finally {
    await sender.close();
  }
}

const enrolledPoints = z.looseObject({
  points: z.array(
    z.looseObject({
      device: z.string(),
      name: z.string(),
      unit: z.string(),
      brick: z.string().nullable(),
    }),
  ),
});

/** The birth of a device that is as the ledger has it enrolled. Throws device.unknown or ledger.unreachable. */
export async function enrolledBirth(
  ledger: string,
  building: string,
  device: string,
): Promise<Birth> {
  const found = await getJson(`${ledger}/api/v1/buildings/${building}`);
  const points = (found === null ? [] : enrolledPoints.parse(found).points)
    .filter((point) => point.device === device)
    .map(({ name, unit, brick }) => ({ name, unit, brick }));
  if (points.length === 0) throw new SimulatorError("device.unknown", `${device} has no points`);
  return { points, boot: null };
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
