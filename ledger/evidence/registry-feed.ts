// What a gateway follows: its building's key records 1..N, each a proven ledger entry, under one checkpoint (D14).

import { type Encodable, encode } from "@muniment/core";
import type { Consensus } from "../consensus/consensus.ts";
import { LedgerError } from "../errors.ts";
import { type ProvenEntry, proveEntry, proveGrowth } from "./proven.ts";
import { entryOfKey, recordAt } from "./state.ts";

const REGISTRY_RECORDS_MAX = 500;

/**
 * Records `from` and after of the gateway's building, at most REGISTRY_RECORDS_MAX, and the growth of the ledger log
 * since the size the gateway saw last, as CBOR. Null for a gateway that is not enrolled; `evidence.beyond-head` when
 * the gateway has seen more of the ledger than there is here.
 */
export async function buildRegistryFeed(
  consensus: Consensus,
  gateway: string,
  from: number,
  since: number,
): Promise<Uint8Array | null> {
  // Head and state are of one commit: nothing is awaited between the reads.
  const head = consensus.head();
  const enrolled = recordAt(consensus, `gateway/${gateway}`);
  if (enrolled === null) return null;
  const building = enrolled.get("building") as string;
  const counter = recordAt(consensus, `building/${building}`)?.get("registry") as number;
  const enrolment = entryOfKey(consensus, enrolled.get("kid") as Uint8Array);
  const indices = recordEntries(consensus, building, Math.max(1, from), counter);
  if (enrolment === null) throw new LedgerError("evidence.state", `the key of ${gateway}`);

  const records: ProvenEntry[] = [];
  for (const index of indices) records.push(await proveEntry(consensus, index, head));
  return encode({
    gateway,
    building,
    counter,
    checkpoint: head.checkpoint,
    consistency: await proveGrowth(consensus, since, head),
    records: records.map(encodable),
    enrol: encodable(await proveEntry(consensus, enrolment, head)),
  });
}

/** Ledger indices of the records, in order; an entry that wrote two of them is named once. */
function recordEntries(
  consensus: Consensus,
  building: string,
  from: number,
  counter: number,
): number[] {
  const last = Math.min(counter, from + REGISTRY_RECORDS_MAX - 1);
  const indices = new Set<number>();
  for (let n = from; n <= last; n++) {
    const record = recordAt(consensus, `registry/${building}/${String(n).padStart(10, "0")}`);
    if (record === null)
      throw new LedgerError("evidence.state", `registry record ${n} of ${building}`);
    indices.add(record.get("entry") as number);
  }
  return Array.from(indices);
}

function encodable({ index, leaf, effects, proof }: ProvenEntry): Encodable {
  return { index, leaf, effects, proof };
}
