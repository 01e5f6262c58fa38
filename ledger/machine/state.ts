// The state as a transaction sees it: what is committed, what came earlier in the block, and its own writes in order (D9).

import {
  type Cbor,
  type CborMap,
  decode,
  type Effect,
  type Encodable,
  encode,
} from "@muniment/core";
import type {
  BuildingRecord,
  DeviceRecord,
  DispositionRecord,
  GatewayRecord,
  HoldRecord,
  KeyRecord,
  LedgerRecord,
  PolicyRecord,
} from "./records.ts";
import { stateKey } from "./state-keys.ts";

/** The committed value of a state key, in CBOR. */
export type ReadState = (key: string) => Uint8Array | undefined;

/** A draft over something readable. Nothing below it changes; drop it and nothing was written. */
export class State {
  readonly #below: ReadState;
  readonly #writes = new Map<string, Uint8Array | null>();

  constructor(below: ReadState) {
    this.#below = below;
  }

  get(key: string): Uint8Array | undefined {
    const own = this.#writes.get(key);
    return own === undefined ? this.#below(key) : (own ?? undefined);
  }

  put(key: string, value: Encodable): void {
    this.set(key, encode(value));
  }

  set(key: string, value: Uint8Array | null): void {
    // A key written twice counts once, where it was written last.
    this.#writes.delete(key);
    this.#writes.set(key, value);
  }

  /** The net writes, each key once, in the order of their last write. */
  writes(): Effect[] {
    return Array.from(this.#writes);
  }

  ledger(): LedgerRecord {
    const record = this.#value<LedgerRecord>(stateKey.ledger);
    if (record === null) throw new Error("the state has no genesis");
    return record;
  }

  building(id: string): BuildingRecord | null {
    return this.#value<BuildingRecord>(stateKey.building(id));
  }

  gateway(id: string): GatewayRecord | null {
    return this.#value<GatewayRecord>(stateKey.gateway(id));
  }

  device(id: string): DeviceRecord | null {
    return this.#value<DeviceRecord>(stateKey.device(id));
  }

  key(kid: Uint8Array): KeyRecord | null {
    return this.#value<KeyRecord>(stateKey.key(kid));
  }

  /** Values in the order they were set; empty for a policy that has none. */
  policy(name: string): PolicyRecord {
    const bytes = this.get(stateKey.policy(name));
    // A value keeps its maps as they are: they need not have text keys.
    const steps = bytes === undefined ? [] : (decode(bytes) as readonly CborMap[]);
    return steps.map((step) => ({
      from: step.get("from") as number,
      value: step.get("value")!,
      citation: step.get("citation") as string,
    }));
  }

  hold(id: string): HoldRecord | null {
    return this.#value<HoldRecord>(stateKey.hold(id));
  }

  /** Ids of the holds in force over a building. */
  holds(building: string): readonly string[] {
    return this.#value<readonly string[]>(stateKey.holds(building)) ?? [];
  }

  disposition(building: string, day: string): DispositionRecord | null {
    return this.#value<DispositionRecord>(stateKey.disposition(building, day));
  }

  operators(): readonly Uint8Array[] {
    return this.#value<readonly Uint8Array[]>(stateKey.operators) ?? [];
  }

  /** 0 for a key that has not signed anything yet. */
  lastSequence(kid: Uint8Array): number {
    return this.#value<number>(stateKey.sequence(kid)) ?? 0;
  }

  /** Ledger index of an accepted transaction. */
  transactionIndex(id: Uint8Array): number | null {
    return this.#value<number>(stateKey.transaction(id));
  }

  /** Only the machine writes here, so the shape is the one it wrote. */
  #value<T>(key: string): T | null {
    const bytes = this.get(key);
    return bytes === undefined ? null : (plain(decode(bytes)) as T);
  }
}

/** Maps with text keys become records, all the way down. */
function plain(value: Cbor): unknown {
  if (value instanceof Map)
    return Object.fromEntries(Array.from(value, ([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
