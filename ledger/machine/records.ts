// What the state holds under each kind of key: plain records, stored as deterministic CBOR maps with these names.

import type { Cbor } from "@muniment/core";

/** `ledger`: fixed by genesis. */
export type LedgerRecord = {
  readonly origin: string;
  readonly format: number;
  readonly time: number;
};

/** `building/<id>`: the facts last registered, and how many registry records its feed has. */
export type BuildingRecord = {
  readonly name: string;
  /** IANA time zone. */
  readonly zone: string;
  readonly grossFt2?: number;
  readonly usableFt2?: number;
  readonly address?: string;
  /** Opening hours of each weekday, Sunday first: [open, close] in local civil minutes, in order. */
  readonly hours?: WeekHours;
  /** Local dates, YYYY-MM-DD, in order, on which the hours do not apply. */
  readonly holidays?: readonly string[];
  readonly registry: number;
};

export type WeekHours = readonly (readonly (readonly [number, number])[])[];

/** `place/<path>`: a part of a building, by the path that devices name as their place. */
export type PlaceRecord = {
  readonly building: string;
  readonly kind: "site" | "building" | "floor" | "room" | "zone" | "outside";
  /** What a room is for. */
  readonly use?: "office" | "meeting" | "lobby" | "restroom" | "storage" | "plant" | "other";
  readonly label?: string;
  readonly usableFt2?: number;
  readonly seats?: number;
};

/** `gateway/<id>`: what is anchored of its log. */
export type GatewayRecord = {
  readonly building: string;
  /** Thumbprint of the key that signs its transactions. */
  readonly kid: Uint8Array;
  /** Public key that signs its checkpoints. */
  readonly logKey: Uint8Array;
  readonly origin: string;
  readonly generation: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly status: "active" | "suspended";
  /** Its building's registry counter when it last anchored: a node that hid a record is found out (D14). */
  readonly registry: number;
  readonly anchors: number;
};

export type PointRecord = {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "interval" | "event";
  /** Seconds between readings. */
  readonly interval?: number;
  readonly brick?: string;
  readonly label?: string;
};

/** `device/<id>`. */
export type DeviceRecord = {
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  /** Thumbprint of its present key. */
  readonly kid: Uint8Array;
  readonly points: readonly PointRecord[];
  /** The device that may publish for this one. */
  readonly bridge?: string;
  /** Who vouches for its readings (F10): the device itself when absent, a bridge that observed them, or a person. */
  readonly trust?: "device" | "observed" | "manual";
};

/** `key/<kid>`: one public key, and the heights between which it holds. */
export type KeyRecord = {
  readonly role: "operator" | "archivist" | "gateway" | "device";
  /** Name of the operator or archivist, gateway id or device id. */
  readonly subject: string;
  readonly key: Uint8Array;
  readonly status: "active" | "revoked" | "rotated";
  readonly from: number;
  readonly until: number | null;
  readonly building: string | null;
  /** Ledger index of the entry that enrolled it; 0 is genesis. */
  readonly entry: number;
};

/** `anchor/<gateway>/<n mod 1024>`: the last 1,024 anchored roots, kept for evidence to refer to. */
export type AnchorRecord = {
  readonly n: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly height: number;
  readonly time: number;
  /** Ledger index of the anchor. */
  readonly entry: number;
};

/** `registry/<building>/<n>`: one step in the life of one device key, as gateways of the building follow it. */
export type RegistryRecord = {
  readonly n: number;
  readonly kid: Uint8Array;
  readonly key: Uint8Array;
  readonly device: string;
  readonly urn: string;
  readonly place: string;
  readonly status: KeyRecord["status"];
  readonly points: readonly PointRecord[];
  readonly bridge?: string;
  /** Height from which this status holds. */
  readonly from: number;
  /** Ledger index of the entry that wrote this record. */
  readonly entry: number;
};

/** `validator/<name>`: its three public keys. */
export type ValidatorRecord = {
  readonly log: Uint8Array;
  readonly cosigner: Uint8Array;
  readonly archive: Uint8Array;
};

/** `policy/<name>`: effective-dated values with their source (D11). `from` is milliseconds since 1970. */
export type PolicyRecord = readonly {
  readonly from: number;
  readonly value: Cbor;
  readonly citation: string;
}[];

/** `hold/<id>`: a legal hold over days of a building, both ends included; while it is in force nothing of them is deleted. */
export type HoldRecord = {
  readonly building: string;
  /** Local dates, YYYY-MM-DD; without `to` the hold has no end. */
  readonly from: string;
  readonly to?: string;
  readonly reason: string;
  /** Ledger indices of the entries that placed and released it. */
  readonly entry: number;
  readonly released?: number;
};

/** `disposition/<building>/<day>`: what was destroyed of a local day so far. */
export type DispositionRecord = {
  /** Bodies. */
  readonly count: number;
  /** The most distinct persons that an entry gave for the day; absent where none could tell. */
  readonly persons?: number;
  /** Ledger index of the last entry. */
  readonly entry: number;
};
