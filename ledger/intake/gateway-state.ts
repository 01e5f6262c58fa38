// What the committed state says of a gateway and of its building: the values under `gateway/<id>` and `building/<id>`.

import { asHash32, type CborMap, decode, type Hash32 } from "@muniment/core";

/** A gateway as enrolled, and how far its log is anchored. */
export interface GatewayState {
  readonly building: string;
  readonly kid: Hash32;
  readonly logKey: Uint8Array;
  readonly origin: string;
  /** Entries anchored, and the root over them. */
  readonly size: number;
  readonly root: Hash32;
  readonly status: "active" | "suspended";
  /** The building's registry counter at the last anchor. */
  readonly registry: number;
}

/** The committed value is the machine's own, so only its shape is taken here. */
export function readGateway(value: Uint8Array | undefined): GatewayState | null {
  if (value === undefined) return null;
  const map = decode(value) as CborMap;
  return {
    building: map.get("building") as string,
    kid: asHash32(map.get("kid") as Uint8Array),
    logKey: map.get("logKey") as Uint8Array,
    origin: map.get("origin") as string,
    size: map.get("size") as number,
    root: asHash32(map.get("root") as Uint8Array),
    status: map.get("status") as "active" | "suspended",
    registry: map.get("registry") as number,
  };
}

/** The time zone of a building; UTC for one that is not registered. */
export function zoneOf(value: Uint8Array | undefined): string {
  return value === undefined ? "UTC" : ((decode(value) as CborMap).get("zone") as string);
}
