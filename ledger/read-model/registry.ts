// Who is enrolled, as of one ledger height: the registry keys of the state, folded from the effects of each entry.

import { type Cbor, type CborMap, decode, toHex } from "@muniment/core";
import type { SignerState } from "./standing.ts";
import { isZone } from "./time-zone.ts";

/** Who vouches for a reading (F10): the device that signed it, a bridge that observed it, a person who entered it. */
export const TRUST_LEVELS = ["device", "observed", "manual"] as const;
export type TrustLevel = (typeof TRUST_LEVELS)[number];

type PointKind = "gauge" | "counter" | "interval" | "event";

export interface PointRecord {
  /** Number under which the store keeps its samples. */
  readonly no: number;
  /** `<device>.<name>`. */
  readonly id: string;
  readonly device: string;
  readonly building: string;
  readonly place: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: PointKind;
  /** Declared seconds between readings; null when none was declared. */
  readonly interval: number | null;
  readonly brick: string | null;
  readonly label: string | null;
  /** That of its device. */
  readonly trust: TrustLevel;
}

export interface DeviceRecord {
  readonly id: string;
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  readonly kid: string;
  readonly points: readonly PointRecord[];
  /** The device that may publish for this one; null when none may. */
  readonly bridge: string | null;
  readonly trust: TrustLevel;
}

export interface GatewayRecord {
  readonly no: number;
  readonly id: string;
  readonly building: string;
  readonly origin: string;
  readonly status: string;
  readonly generation: number;
  readonly size: number;
  readonly registry: number;
  readonly anchors: number;
  /** Block time in ms of the last anchor; null before the first. */
  readonly anchoredAt: number | null;
}

export interface BuildingRecord {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly grossFt2: number | null;
  readonly usableFt2: number | null;
  readonly address: string | null;
  /** Opening hours of each weekday, Sunday first: [open, close] in local civil minutes; null when none are registered. */
  readonly hours: WeekHours | null;
  /** Local dates, YYYY-MM-DD, in order, on which the hours do not apply. */
  readonly holidays: readonly string[];
  readonly registry: number;
}

export type WeekHours = readonly (readonly (readonly [open: number, close: number])[])[];

/** A registered part of a building, by the path that devices name as their place. */
export interface PlaceRecord {
  readonly place: string;
  readonly building: string;
  readonly kind: "site" | "building" | "floor" | "room" | "zone" | "outside";
  readonly use: "office" | "meeting" | "lobby" | "restroom" | "storage" | "plant" | "other" | null;
  readonly label: string | null;
  readonly usableFt2: number | null;
  readonly seats: number | null;
}

/** One value of a policy (D11). */
export interface PolicyValue {
  /** Milliseconds since 1970 from which it holds. */
  readonly from: number;
  readonly value: Cbor;
  readonly citation: string;
}

/** A legal hold over local days of a building, both ends included. */
export interface HoldRecord {
  readonly hold: string;
  readonly building: string;
  readonly from: string;
  /** Null: without end. */
  readonly to: string | null;
  readonly reason: string;
  /** Ledger index of its release; null while it is in force. */
  readonly released: number | null;
}

export interface KeyRecord {
  readonly no: number;
  readonly kid: string;
  readonly key: Uint8Array;
  readonly role: string;
  readonly subject: string;
  readonly status: string;
  readonly building: string | null;
  readonly retiredAt: number | null;
}

/** The state keys that are kept, as the store persists them. */
export interface RegistryRow {
  readonly key: string;
  readonly value: Uint8Array;
  /** Block time in ms that goes with it: of a gateway's last anchor, of a key's end, else of the write. */
  readonly time: number;
}

/** A name and the small number that stands for it in the store. */
export interface NumberedName {
  readonly kind: "key" | "gateway" | "point";
  readonly no: number;
  readonly name: string;
}

/** What changed and must be persisted beside the cursor. */
export interface RegistryChanges {
  readonly rows: readonly RegistryRow[];
  readonly names: readonly NumberedName[];
  readonly points: readonly PointRecord[];
}

const KEPT = /^(building|gateway|device|key|policy|hold|place)\/(.+)$/;

export class Registry {
  readonly buildings = new Map<string, BuildingRecord>();
  readonly gateways = new Map<string, GatewayRecord>();
  readonly devices = new Map<string, DeviceRecord>();
  readonly points = new Map<string, PointRecord>();
  readonly keys = new Map<string, KeyRecord>();
  /** By path. */
  readonly places = new Map<string, PlaceRecord>();
  /** Values in the order of their `from`, by policy name. */
  readonly policies = new Map<string, readonly PolicyValue[]>();
  readonly holds = new Map<string, HoldRecord>();
  readonly #numbers = {
    key: new Map<string, number>(),
    gateway: new Map<string, number>(),
    point: new Map<string, number>(),
  };
  #rows: RegistryRow[] = [];
  #names: NumberedName[] = [];
  #points: PointRecord[] = [];

  /** Restores what `changes()` once gave: numbers first, then the rows in any order. */
  static restore(names: readonly NumberedName[], rows: readonly RegistryRow[]): Registry {
    const registry = new Registry();
    for (const { kind, name, no } of names) registry.#numbers[kind].set(name, no);
    for (const row of rows) registry.write(row.key, row.value, row.time);
    registry.changes();
    return registry;
  }

  /** Takes one effect of an entry with block time `time` (ms). Keys outside the registry are ignored. */
  write(key: string, value: Uint8Array | null, time: number): void {
    const match = KEPT.exec(key);
    if (match === null || value === null) return;
    const record = decode(value);
    const since = this.#record(match[1]!, match[2]!, record, time);
    this.#rows.push({ key, value, time: since });
  }

  /** Keeps one record; the time is the one to persist with it. */
  #record(kind: string, id: string, value: Cbor, time: number): number {
    const fields = new Fields(value);
    switch (kind) {
      case "building":
        this.#building(id, fields);
        return time;
      case "gateway":
        return this.#gateway(id, fields, time).anchoredAt ?? time;
      case "device":
        this.#device(id, fields);
        return time;
      case "place":
        this.#place(id, fields);
        return time;
      case "policy":
        this.policies.set(id, policyValues(value));
        return time;
      case "hold":
        this.#hold(id, fields);
        return time;
      default:
        return this.#key(id, fields, time).retiredAt ?? time;
    }
  }

  /** What changed since the last call, to be persisted beside the cursor. */
  changes(): RegistryChanges {
    const changes = { rows: this.#rows, names: this.#names, points: this.#points };
    this.#rows = [];
    this.#names = [];
    this.#points = [];
    return changes;
  }

  /** The value of a policy that holds at `time` (ms); null when none does yet. */
  policyAt(name: string, time: number): PolicyValue | null {
    return this.policies.get(name)?.findLast(({ from }) => from <= time) ?? null;
  }

  /** What the log says of a key now; null for one that was never enrolled. */
  signer(
    kid: string,
  ):
    | (SignerState & { readonly record: KeyRecord; readonly deviceRecord: DeviceRecord | null })
    | null {
    const record = this.keys.get(kid);
    if (record === undefined) return null;
    const device = record.role === "device" ? (this.devices.get(record.subject) ?? null) : null;
    const { role, status, retiredAt, building } = record;
    return { role, status, retiredAt, building, device, record, deviceRecord: device };
  }

  #building(id: string, fields: Fields): void {
    this.buildings.set(id, {
      id,
      name: fields.text("name") ?? id,
      zone: knownZone(fields.text("zone")),
      grossFt2: fields.number("grossFt2"),
      usableFt2: fields.number("usableFt2"),
      address: fields.text("address"),
      hours: fields.has("hours") ? (fields.list("hours") as unknown as WeekHours) : null,
      holidays: fields.list("holidays") as readonly string[],
      registry: fields.number("registry") ?? 0,
    });
  }

  #gateway(id: string, fields: Fields, time: number): GatewayRecord {
    const before = this.gateways.get(id);
    const anchors = fields.number("anchors") ?? 0;
    const gateway: GatewayRecord = {
      no: this.#number("gateway", id),
      id,
      building: fields.text("building") ?? "",
      origin: fields.text("origin") ?? "",
      status: fields.text("status") ?? "active",
      generation: fields.number("generation") ?? 0,
      size: fields.number("size") ?? 0,
      registry: fields.number("registry") ?? 0,
      anchors,
      anchoredAt: anchors > (before?.anchors ?? 0) ? time : (before?.anchoredAt ?? null),
    };
    this.gateways.set(id, gateway);
    return gateway;
  }

  #device(id: string, fields: Fields): void {
    const building = fields.text("building") ?? "";
    const place = fields.text("place") ?? building;
    const trust = TRUST_LEVELS.find((level) => level === fields.text("trust")) ?? "device";
    const points = fields.list("points").map((item): PointRecord => {
      const point = new Fields(item);
      const name = point.text("name") ?? "";
      const pointId = `${id}.${name}`;
      return {
        no: this.#number("point", pointId),
        id: pointId,
        device: id,
        building,
        place,
        name,
        unit: point.text("unit") ?? "",
        kind: (point.text("kind") ?? "gauge") as PointKind,
        interval: point.number("interval"),
        brick: point.text("brick"),
        label: point.text("label"),
        trust,
      };
    });
    for (const point of points) this.points.set(point.id, point);
    this.#points.push(...points);
    this.devices.set(id, {
      id,
      building,
      place,
      urn: fields.text("urn") ?? "",
      kid: fields.hex("kid"),
      points,
      bridge: fields.text("bridge"),
      trust,
    });
  }

  #place(place: string, fields: Fields): void {
    this.places.set(place, {
      place,
      building: fields.text("building") ?? "",
      kind: (fields.text("kind") ?? "zone") as PlaceRecord["kind"],
      use: fields.text("use") as PlaceRecord["use"],
      label: fields.text("label"),
      usableFt2: fields.number("usableFt2"),
      seats: fields.number("seats"),
    });
  }

  #hold(hold: string, fields: Fields): void {
    this.holds.set(hold, {
      hold,
      building: fields.text("building") ?? "",
      from: fields.text("from") ?? "",
      to: fields.text("to"),
      reason: fields.text("reason") ?? "",
      released: fields.number("released"),
    });
  }

  #key(kid: string, fields: Fields, time: number): KeyRecord {
    const status = fields.text("status") ?? "active";
    const before = this.keys.get(kid);
    const retiredAt = status === "active" ? null : (before?.retiredAt ?? time);
    const record: KeyRecord = {
      no: this.#number("key", kid),
      kid,
      key: fields.bytes("key"),
      role: fields.text("role") ?? "",
      subject: fields.text("subject") ?? "",
      status,
      building: fields.text("building"),
      retiredAt,
    };
    this.keys.set(kid, record);
    return record;
  }

  #number(kind: NumberedName["kind"], name: string): number {
    const known = this.#numbers[kind].get(name);
    if (known !== undefined) return known;
    const no = this.#numbers[kind].size + 1;
    this.#numbers[kind].set(name, no);
    this.#names.push({ kind, no, name });
    return no;
  }
}

function policyValues(value: Cbor): readonly PolicyValue[] {
  return (Array.isArray(value) ? value : []).map((item: Cbor) => {
    const step = new Fields(item);
    return {
      from: step.number("from") ?? 0,
      value: step.get("value"),
      citation: step.text("citation") ?? "",
    };
  });
}

/** The ledger does not know zones, this runtime does; where it does not, UTC is used and shown. */
function knownZone(zone: string | null): string {
  return zone !== null && isZone(zone) ? zone : "UTC";
}

/** A CBOR map of the state, read field by field; what is absent or of another type is null or empty. */
class Fields {
  readonly #map: CborMap;

  constructor(value: Cbor) {
    this.#map = value instanceof Map ? value : new Map();
  }

  has(name: string): boolean {
    return this.#map.has(name);
  }

  /** The value as it is; null when it is absent. */
  get(name: string): Cbor {
    return this.#map.get(name) ?? null;
  }

  text(name: string): string | null {
    const value = this.#map.get(name);
    return typeof value === "string" ? value : null;
  }

  number(name: string): number | null {
    const value = this.#map.get(name);
    return typeof value === "number" ? value : null;
  }

  bytes(name: string): Uint8Array {
    const value = this.#map.get(name);
    return value instanceof Uint8Array ? value : new Uint8Array(0);
  }

  hex(name: string): string {
    return toHex(this.bytes(name));
  }

  list(name: string): readonly Cbor[] {
    const value = this.#map.get(name);
    return Array.isArray(value) ? value : [];
  }
}
