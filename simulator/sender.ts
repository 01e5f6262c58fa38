// A device as the gateway meets it: a key, a durable account, a connection; it signs, sends in windows and waits for every acknowledgement (D1, D4).
import { buildAccessEvent, buildStatement, type SenmlRecord, type Signer } from "@muniment/core";
import type { DeviceFacts } from "./devices.ts";
import { type Outbox, type Outgoing, openOutbox } from "./outbox.ts";
import {
  inFlightDefault,
  openPublisher,
  type Publisher,
  type StatementResult,
} from "./publisher.ts";

/** What one statement is to say, before it has a number: of the building, or (birth and state) of the device itself. Times of the records are unix seconds. */
export type Saying =
  | { readonly kind: "reading" | "self"; readonly records: readonly SenmlRecord[] }
  | {
      readonly kind: "access";
      readonly records: readonly SenmlRecord[];
      readonly salt: Uint8Array;
    };

export interface SenderConfig {
  readonly facts: Omit<DeviceFacts, "points"> & { readonly points?: DeviceFacts["points"] };
  readonly signer: Signer;
  readonly outboxPath: string;
  readonly mqtt: string;
  readonly onResult?: (result: StatementResult) => void;
  readonly onTrouble?: (reason: string, waitMs: number) => void;
  /** Called as each statement is acknowledged. */
  readonly onAcknowledged?: (item: Outgoing) => void;
  /** The road to the gateway, where it is not an MQTT connection of the device's own. */
  readonly publisher?: Publisher;
  /** Absent in a device that behaves. */
  readonly conduct?: SenderConduct;
}

/** Where a device may depart from what it should do. */
export interface SenderConduct {
  /** Signs what it is to say, in its own way. */
  sign(saying: Saying, head: SigningHead): Outgoing;
  /** What goes over the wire for statements that were signed in this order. */
  transmit(items: readonly Outgoing[]): readonly Outgoing[];
}

/** What all statements of a device share, with the number of this one. */
export interface SigningHead {
  readonly iss: string;
  readonly sub: string;
  readonly sequence: number;
  readonly signer: Signer;
}

export interface Sender {
  readonly device: string;
  /** Readings not newer than this were staged before and must not be offered again; unix seconds. */
  readonly through: number;
  /** Sends what an earlier run signed but saw no acknowledgement for: the same bytes. */
  resume(): Promise<void>;
  /** Signs in order and sends; resolves when everything is acknowledged. */
  send(sayings: readonly Saying[]): Promise<readonly Outgoing[]>;
  close(): Promise<void>;
}

/** Opens a sender. One process at a time may hold a key's outbox. */
export async function openSender(config: SenderConfig): Promise<Sender> {
  const { facts, signer } = config;
  const outbox: Outbox = await openOutbox(config.outboxPath);
  const publisher =
    config.publisher ??
    openPublisher({
      url: config.mqtt,
      building: facts.building,
      device: facts.device,
      ...(config.onResult === undefined ? {} : { onResult: config.onResult }),
      ...(config.onTrouble === undefined ? {} : { onTrouble: config.onTrouble }),
    });
  const { sign, transmit }: SenderConduct = config.conduct ?? {
    sign: signHonestly,
    transmit: (items) => items,
  };

  const deliver = async (items: readonly Outgoing[]) => {
    await Promise.all(
      transmit(items).map(async (item) => {
        await publisher.send(item);
        config.onAcknowledged?.(item);
      }),
    );
    outbox.settle();
  };

  return {
    device: facts.device,
    get through() {
      return outbox.through;
    },
    resume: () => deliver(outbox.pending),
    async send(sayings) {
      const sent: Outgoing[] = [];
      for (const window of windowsOf(sayings)) {
        const first = outbox.sequence + 1;
        const items = window.map((saying, index) =>
          sign(saying, { iss: facts.urn, sub: facts.place, sequence: first + index, signer }),
        );
        const ofBuilding = window.filter(({ kind }) => kind !== "self").map(newest);
        await outbox.stage(items, Math.max(Number.NEGATIVE_INFINITY, ...ofBuilding));
        await deliver(items);
        sent.push(...items);
      }
      return sent;
    },
    async close() {
      await publisher.close();
      await outbox.close();
    },
  };
}

/** Signs what is to be said, at the time of its newest record. */
export function signHonestly(saying: Saying, head: SigningHead): Outgoing {
  return signAt(saying, head, Math.floor(newest(saying)));
}

/** Signs what is to be said as issued at a time. */
export function signAt(saying: Saying, head: SigningHead, issuedAt: number): Outgoing {
  const { sequence } = head;
  const { records } = saying;
  return saying.kind === "access"
    ? { sequence, ...buildAccessEvent({ ...head, issuedAt, records, salt: saying.salt }) }
    : { sequence, statement: buildStatement({ ...head, issuedAt, records }) };
}

/** Sayings that are staged together. A window never ends where the next saying holds an equal or older time: else what is new could not be told by time alone. */
function windowsOf(sayings: readonly Saying[]): readonly (readonly Saying[])[] {
  const windows: Saying[][] = [];
  let window: Saying[] = [];
  let through = Number.NEGATIVE_INFINITY;
  for (const saying of sayings) {
    const oldest = Math.min(...saying.records.map(({ time }) => time));
    if (window.length === 0 || (window.length >= inFlightDefault && oldest > through)) {
      window = [];
      windows.push(window);
    }
    window.push(saying);
    through = Math.max(through, newest(saying));
  }
  return windows;
}

function newest({ records }: Saying): number {
  return Math.max(...records.map(({ time }) => time));
}
