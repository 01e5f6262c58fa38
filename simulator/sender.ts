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

/** What one statement is to say, before it has a number. Times of the records are unix seconds. */
export type Saying =
  | { readonly kind: "reading"; readonly records: readonly SenmlRecord[] }
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
  const publisher: Publisher = openPublisher({
    url: config.mqtt,
    building: facts.building,
    device: facts.device,
    ...(config.onResult === undefined ? {} : { onResult: config.onResult }),
    ...(config.onTrouble === undefined ? {} : { onTrouble: config.onTrouble }),
  });

  const sign = (saying: Saying, sequence: number): Outgoing => {
    const issuedAt = Math.floor(newest(saying));
    const head = { iss: facts.urn, sub: facts.place, issuedAt, sequence, signer };
    if (saying.kind === "reading") {
      return { sequence, statement: buildStatement({ ...head, records: saying.records }) };
    }
    return {
      sequence,
      ...buildAccessEvent({ ...head, records: saying.records, salt: saying.salt }),
    };
  };
  const deliver = async (items: readonly Outgoing[]) => {
    await Promise.all(
      items.map(async (item) => {
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
        const items = window.map((saying, index) => sign(saying, first + index));
        await outbox.stage(items, Math.max(...window.map(newest)));
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
