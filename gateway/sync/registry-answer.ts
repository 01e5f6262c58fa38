// One answer of the registry feed, read strictly; nothing in it is proven yet (HTTP, `GET /gateways/<id>/registry`).

import { decode, FormatError } from "@muniment/core";
import { GatewayError } from "../errors.ts";
import { isHashes, type ShownEntry, shownEntry } from "./proven-entry.ts";

export const REGISTRY_RECORDS_MAX = 500;

export interface RegistryAnswer {
  readonly gateway: string;
  readonly building: string;
  /** The node's claim of how many records there are. */
  readonly counter: number;
  readonly checkpoint: string;
  readonly consistency: readonly Uint8Array[];
  readonly records: readonly ShownEntry[];
  readonly enrol: ShownEntry;
}

/** Errors: `registry.answer`. */
export function parseRegistryAnswer(bytes: Uint8Array): RegistryAnswer {
  const value = decoded(bytes);
  if (!(value instanceof Map)) throw new GatewayError("registry.answer", "no CBOR map");
  const gateway = value.get("gateway");
  const building = value.get("building");
  const counter = value.get("counter");
  const checkpoint = value.get("checkpoint");
  const consistency = value.get("consistency");
  const enrol = shownEntry(value.get("enrol"));
  const shown: unknown = value.get("records");
  if (
    typeof gateway !== "string" ||
    typeof building !== "string" ||
    typeof counter !== "number" ||
    !Number.isSafeInteger(counter) ||
    typeof checkpoint !== "string" ||
    !isHashes(consistency) ||
    enrol === null ||
    !Array.isArray(shown) ||
    shown.length > REGISTRY_RECORDS_MAX
  ) {
    throw new GatewayError("registry.answer", "a field is missing or malformed");
  }
  const records = shown.map(shownEntry).filter((entry) => entry !== null);
  if (records.length < shown.length)
    throw new GatewayError("registry.answer", "a malformed record");
  return { gateway, building, counter, checkpoint, consistency, records, enrol };
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (cause) {
    if (cause instanceof FormatError)
      throw new GatewayError("registry.answer", cause.message, { cause });
    throw cause;
  }
}
