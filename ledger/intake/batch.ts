// The request `POST /gateways/<id>/entries`, parsed strictly and once at the door (house rule 10).

import {
  asHash32,
  type Cbor,
  decode,
  decodeEntries,
  FormatError,
  type Hash32,
} from "@muniment/core";

export const BATCH_LIMITS = {
  entriesMax: 4_096,
  /** Framed entries, the two length bytes of each included. */
  entriesBytesMax: 4 * 1_048_576,
  entryBytesMax: 4_096,
  bodiesMax: 4_096,
  bodyBytesMax: 4_096,
  proofHashesMax: 64,
  checkpointBytesMax: 4_096,
  anchorBytesMax: 61_440,
} as const;

/** The largest request that can obey every limit above, with room for its CBOR heads. */
export const REQUEST_BYTES_MAX = 2 * BATCH_LIMITS.entriesBytesMax + 131_072;

/** One batch as a gateway sends it; nothing in it is verified yet. */
export interface Batch {
  /** The gateway's signed note. */
  readonly checkpoint: string;
  /** Size of the log before the batch. */
  readonly from: number;
  readonly entries: readonly Uint8Array[];
  readonly bodies: readonly Uint8Array[];
  /** Consistency proof from the last anchored size; empty when that is 0. */
  readonly proof: readonly Hash32[];
  /** The signed `anchor` transaction. */
  readonly anchor: Uint8Array;
}

export type BatchProblem = "batch.structure" | "batch.too-large" | "batch.entry-too-large";

const FIELDS = ["anchor", "bodies", "checkpoint", "entries", "from", "proof"] as const;

/** The batch, or the code and what was found. */
export function parseBatch(
  request: Uint8Array,
): Batch | { readonly code: BatchProblem; readonly found: string } {
  if (request.length > REQUEST_BYTES_MAX)
    return tooLarge("request bytes", request.length, REQUEST_BYTES_MAX);
  let value: Cbor;
  try {
    value = decode(request, { depthMax: 3 });
  } catch (error) {
    if (error instanceof FormatError) return malformed(`${error.code}: ${error.message}`);
    throw error;
  }
  if (
    !(value instanceof Map) ||
    value.size !== FIELDS.length ||
    !FIELDS.every((field) => value.has(field))
  ) {
    return malformed(`expected a map with exactly ${FIELDS.join(", ")}`);
  }
  const field = (name: (typeof FIELDS)[number]): Cbor => value.get(name)!;
  const from = field("from");
  const checkpoint = field("checkpoint");
  const framed = field("entries");
  const anchor = field("anchor");
  const bodies = field("bodies");
  const proof = field("proof");
  if (typeof from !== "number" || !Number.isSafeInteger(from) || from < 0)
    return malformed("from is not a size");
  if (typeof checkpoint !== "string") return malformed("checkpoint is not text");
  if (!(framed instanceof Uint8Array)) return malformed("entries is not a byte string");
  if (!(anchor instanceof Uint8Array)) return malformed("anchor is not a byte string");
  if (!isBytesArray(bodies)) return malformed("bodies is not an array of byte strings");
  if (!isBytesArray(proof) || !proof.every((hash) => hash.length === 32))
    return malformed("proof is not an array of hashes");

  const { entriesMax, entriesBytesMax, entryBytesMax, bodiesMax, bodyBytesMax } = BATCH_LIMITS;
  if (checkpoint.length > BATCH_LIMITS.checkpointBytesMax)
    return malformed("checkpoint is longer than any note");
  if (anchor.length > BATCH_LIMITS.anchorBytesMax)
    return malformed("anchor is longer than any transaction");
  if (proof.length > BATCH_LIMITS.proofHashesMax)
    return malformed("proof is longer than any proof");
  if (framed.length > entriesBytesMax)
    return tooLarge("bytes of entries", framed.length, entriesBytesMax);
  if (bodies.length > bodiesMax) return tooLarge("bodies", bodies.length, bodiesMax);
  const longBody = bodies.find((body) => body.length > bodyBytesMax);
  if (longBody !== undefined) return tooLarge("bytes in a body", longBody.length, bodyBytesMax);

  let entries: Uint8Array[];
  try {
    entries = decodeEntries(framed);
  } catch (error) {
    if (error instanceof FormatError) return malformed(error.message);
    throw error;
  }
  if (entries.length === 0) return malformed("a batch holds at least one entry");
  if (entries.length > entriesMax) return tooLarge("entries", entries.length, entriesMax);
  const long = entries.findIndex((entry) => entry.length > entryBytesMax);
  if (long >= 0) {
    return {
      code: "batch.entry-too-large",
      found: `entry ${from + long} has ${entries[long]!.length} bytes, limit ${entryBytesMax}`,
    };
  }
  return { checkpoint, from, entries, bodies, proof: proof.map(asHash32), anchor };
}

function isBytesArray(value: Cbor): value is readonly Uint8Array[] {
  return Array.isArray(value) && value.every((item) => item instanceof Uint8Array);
}

function malformed(found: string): { code: "batch.structure"; found: string } {
  return { code: "batch.structure", found };
}

function tooLarge(
  what: string,
  found: number,
  limit: number,
): { code: "batch.too-large"; found: string } {
  return { code: "batch.too-large", found: `${found} ${what}, limit ${limit}` };
}
