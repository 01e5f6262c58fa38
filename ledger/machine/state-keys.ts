// The grammar of state keys: ASCII, "/" between parts, numbers padded so that byte order is number order.

import { toHex } from "@muniment/core";

/** Anchors kept per gateway: a ring, the oldest is overwritten. */
export const ANCHORS_KEPT = 1024;

export const stateKey = {
  ledger: "ledger",
  /** Thumbprints of the active operator keys. */
  operators: "operators",
  building: (id: string) => `building/${id}`,
  place: (path: string) => `place/${path}`,
  gateway: (id: string) => `gateway/${id}`,
  device: (id: string) => `device/${id}`,
  key: (kid: Uint8Array) => `key/${toHex(kid)}`,
  /** Last accepted sequence number of a key. */
  sequence: (kid: Uint8Array) => `seq/${toHex(kid)}`,
  anchor: (gateway: string, n: number) =>
    `anchor/${gateway}/${String(n % ANCHORS_KEPT).padStart(4, "0")}`,
  registry: (building: string, n: number) => `registry/${building}/${String(n).padStart(10, "0")}`,
  /** Ledger index of an accepted transaction. */
  transaction: (id: Uint8Array) => `tx/${toHex(id)}`,
  validator: (name: string) => `validator/${name}`,
  policy: (name: string) => `policy/${name}`,
  disposition: (building: string, day: string) => `disposition/${building}/${day}`,
  hold: (id: string) => `hold/${id}`,
  /** Ids of the holds in force over a building. */
  holds: (building: string) => `holds/${building}`,
} as const;
