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
  readonly registry: number;
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
};

/** `key/<kid>`: one public key, and the heights between which it holds. */
export type KeyRecord = {
  readonly role: "operator" | "gateway" | "device";
  /** Operator's name, gateway id or device id. */
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
