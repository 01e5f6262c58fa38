// The building's key registry, followed record by record with proofs, and kept so that it works offline (D14).

import {
  type Cbor,
  type CborMap,
  decode,
  equal,
  FormatError,
  keyThumbprint,
  toHex,
} from "@muniment/core";
import { encode as pack, decode as unpack } from "cbor-x";
import { GatewayError } from "../errors.ts";
import type { EnrolledPoint, KeyRecord, Keyring } from "../ports.ts";
import type { Change, Store } from "../store.ts";
import type { LedgerClient } from "./ledger-client.ts";
import type { LedgerView } from "./ledger-view.ts";
import { type ProvenEntry, proveEntry, type ShownEntry, written } from "./proven-entry.ts";
import { parseRegistryAnswer } from "./registry-answer.ts";

export interface Registry extends Keyring {
  /**
   * Asks for what is new until there is no more, each node in turn until one shows all that is proven to exist. Errors:
   * `registry.*`, `ledger.*`.
   */
  pull(): Promise<void>;
  /** A final anchor proved that the ledger had `counter` records by then. */
  proven(counter: number): void;
  /** The highest counter that anything proved. */
  provenCounter(): number;
}

export interface RegistryOptions {
  readonly gateway: string;
  readonly building: string;
  /** This gateway's own public keys, as the ledger must have enrolled them. */
  readonly key: Uint8Array;
  readonly logKey: Uint8Array;
  readonly client: LedgerClient;
  readonly view: LedgerView;
  readonly state: Store;
}

const RECORD = "registry/record/";
const ENROLLED = "registry/enrolled";
const PROVEN = "registry/proven";
/** Rounds of one pull: REGISTRY_RECORDS_MAX records each. */
const ROUNDS_MAX = 1_000;

const NO_BRIDGE = { bridge: null };

const recordKey = (n: number): string => RECORD + String(n).padStart(10, "0");

/** The registry as it was last proven. Asks nobody. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { client, view, state, gateway, building } = options;
  const keys = new Map<string, KeyRecord>();
  const listeners = new Set<() => void>();
  let counter = 0;
  // A record that was kept before bridges had a name has none.
  for await (const [, bytes] of state.range(RECORD))
    apply({ ...NO_BRIDGE, ...(unpack(bytes) as Omit<KeyRecord, "bridge">) });
  let enrolled = (await state.get(ENROLLED)) !== undefined;
  const stored = await state.get(PROVEN);
  let provenCounter = stored === undefined ? 0 : (unpack(stored) as number);
  let pulling: Promise<void> | null = null;

  function apply(record: KeyRecord): void {
    keys.set(toHex(record.kid), record);
    counter = record.n;
  }

  /** One answer of one node. True when it showed everything that it says there is. */
  async function round(): Promise<boolean> {
    const before = counter;
    const claimed = await view.turn(async () => {
      const since = view.seen().size;
      const answer = parseRegistryAnswer(await client.registry(gateway, counter + 1, since));
      if (answer.gateway !== gateway || answer.building !== building) {
        throw new GatewayError(
          "registry.enrolment",
          `gateway ${answer.gateway} of building ${answer.building}`,
        );
      }
      const shown = await view.accept(answer.checkpoint, answer.consistency);
      if (shown.size < since) {
        throw new GatewayError("registry.rollback", `size ${shown.size}, ${since} was seen`);
      }
      const open = (entry: ShownEntry): ProvenEntry => {
        const proven = proveEntry(entry, shown);
        if (typeof proven === "string") throw new GatewayError("registry.proof", proven);
        return proven;
      };
      if (!enrolled) checkEnrolment(open(answer.enrol), options);
      await keep(newRecords(answer.records.map(open), building, counter));
      return answer.counter;
    });
    if (counter > before) for (const listener of listeners) listener();
    if (claimed > counter && counter === before) {
      throw new GatewayError(
        "registry.gap",
        `${claimed} records are said to exist, none after ${counter} is shown`,
      );
    }
    return claimed <= counter;
  }

  async function keep(records: readonly KeyRecord[]): Promise<void> {
    const changes: Change[] = records.map((record) => [recordKey(record.n), pack(record)]);
    if (!enrolled) changes.push([ENROLLED, pack(true)]);
    if (changes.length > 0) await state.write(changes);
    // Die here: the records are proven and kept; the next start applies them.
    for (const record of records) apply(record);
    enrolled = true;
  }

  async function pull(): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        for (let rounds = 0; rounds < ROUNDS_MAX && !(await round()); rounds++);
        if (counter >= provenCounter) return;
        throw new GatewayError("registry.withheld", `${counter} shown, ${provenCounter} proven`);
      } catch (error) {
        // One node may lag, lie or fail: the others are asked before anything is said of all of them.
        client.distrust();
        if (tried >= client.nodes) throw asRegistryError(error);
      }
    }
  }

  return {
    find: (kidHex) => keys.get(kidHex),
    all: () => keys.values(),
    counter: () => counter,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pull() {
      pulling ??= pull().finally(() => {
        pulling = null;
      });
      return pulling;
    },
    proven(value) {
      provenCounter = Math.max(provenCounter, value);
    },
    provenCounter: () => provenCounter,
  };
}

/** The change that keeps the proven counter; written by sync together with the anchor that proved it. */
export function provenChange(counter: number): Change {
  return [PROVEN, pack(counter)];
}

/** Records of this building after number `known`, in order and without a gap. One entry may hold two (a rotation). */
function newRecords(entries: readonly ProvenEntry[], building: string, known: number): KeyRecord[] {
  const prefix = `registry/${building}/`;
  const records: KeyRecord[] = [];
  for (const entry of entries) {
    for (const [key, value] of entry.effects) {
      if (!key.startsWith(prefix) || value === null) continue;
      const record = keyRecord(decode(value), building);
      const next = known + records.length + 1;
      if (record === null || key !== prefix + String(record.n).padStart(10, "0")) {
        throw new GatewayError(
          "registry.answer",
          `entry ${entry.index} writes a malformed record ${key}`,
        );
      }
      if (record.n < next) continue;
      if (record.n > next)
        throw new GatewayError("registry.gap", `expected record ${next}, found ${record.n}`);
      records.push(record);
    }
  }
  return records;
}

function keyRecord(value: Cbor, building: string): KeyRecord | null {
  if (!(value instanceof Map)) return null;
  const fields: CborMap = value;
  const n = fields.get("n");
  const kid = fields.get("kid");
  const key = fields.get("key");
  const device = fields.get("device");
  const urn = fields.get("urn");
  const place = fields.get("place");
  const status = fields.get("status");
  const points = fields.get("points");
  const bridge = fields.get("bridge") ?? null;
  if (typeof n !== "number" || !(kid instanceof Uint8Array) || !(key instanceof Uint8Array))
    return null;
  if (typeof device !== "string" || typeof urn !== "string" || typeof place !== "string")
    return null;
  if (status !== "active" && status !== "revoked" && status !== "rotated") return null;
  if (bridge !== null && typeof bridge !== "string") return null;
  if (!Array.isArray(points) || !equal(keyThumbprint(key), kid)) return null;
  const enrolled = points.map(enrolledPoint).filter((point) => point !== null);
  if (enrolled.length < points.length) return null;
  return { n, kid, key, device, urn, place, building, status, points: enrolled, bridge };
}

function enrolledPoint(value: Cbor): EnrolledPoint | null {
  if (!(value instanceof Map)) return null;
  const [name, unit, kind, interval] = ["name", "unit", "kind", "interval"].map((field) =>
    value.get(field),
  );
  if (typeof name !== "string" || typeof unit !== "string" || typeof kind !== "string") return null;
  return { name, unit, kind, ...(typeof interval === "number" ? { interval } : {}) };
}

/** The ledger must have enrolled these very keys, or this gateway speaks for nobody. */
function checkEnrolment(proven: ProvenEntry, options: RegistryOptions): void {
  const { gateway, building, key, logKey } = options;
  const record = written(proven, `gateway/${gateway}`);
  const kid = record?.get("kid");
  const enrolledLogKey = record?.get("logKey");
  const ours =
    record?.get("building") === building &&
    kid instanceof Uint8Array &&
    equal(kid, keyThumbprint(key)) &&
    enrolledLogKey instanceof Uint8Array &&
    equal(enrolledLogKey, logKey);
  if (!ours) throw new GatewayError("registry.enrolment", `entry ${proven.index}`);
}

function asRegistryError(error: unknown): unknown {
  if (!(error instanceof FormatError)) return error;
  return new GatewayError("registry.proof", `${error.code}: ${error.message}`, { cause: error });
}
