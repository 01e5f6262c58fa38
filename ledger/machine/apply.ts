// The machine: committed state and a block in, results and writes out. No clock, no I/O, no chance, integers only (D9, F5).

import {
  type Effect,
  encodeEffects,
  encodeLedgerEntry,
  FormatError,
  type Hash32,
  parseTransaction,
  sha256,
  type Transaction,
  verifyTransaction,
} from "@muniment/core";
import { REFUSALS, Refusal, type RefusalCode } from "./codes.ts";
import type { Context } from "./context.ts";
import { type ReadState, State } from "./state.ts";
import { stateKey } from "./state-keys.ts";
import { anchor } from "./transactions/anchor.ts";
import { buildingRegister } from "./transactions/building-register.ts";
import { deviceEnrol } from "./transactions/device-enrol.ts";
import { disposition } from "./transactions/disposition.ts";
import { equivocation } from "./transactions/equivocation.ts";
import { gatewayEnrol } from "./transactions/gateway-enrol.ts";
import { holdPlace } from "./transactions/hold-place.ts";
import { holdRelease } from "./transactions/hold-release.ts";
import { keyRevoke } from "./transactions/key-revoke.ts";
import { keyRotate } from "./transactions/key-rotate.ts";
import { placeRegister } from "./transactions/place-register.ts";
import { policySet } from "./transactions/policy-set.ts";

/** Every so many leaves the log commits to the whole state as stored. */
export const STATE_HASH_LEAVES = 10_000;

export interface Block {
  readonly height: number;
  /** Milliseconds since 1970, above the block before. */
  readonly time: number;
  /** Leaves in the ledger log so far: the index of the next accepted transaction. */
  readonly size: number;
  readonly transactions: readonly Uint8Array[];
  /** SHA-256 over the state as it stands before this block, read back from disk; see wantsStateHash(). */
  readonly stateHash?: Hash32;
}

export type Result =
  | { readonly ok: true; readonly index: number }
  | {
      readonly ok: false;
      readonly code: RefusalCode;
      readonly message: string;
      /** With `tx.duplicate`: where the transaction stands already. */
      readonly index?: number;
    };

/** One accepted transaction: its ledger leaf, and the preimage of the effects hash in it. */
export interface AppliedLeaf {
  readonly leaf: Uint8Array;
  readonly effects: Uint8Array;
}

export interface AppliedBlock {
  /** One per transaction, in order. */
  readonly results: readonly Result[];
  /** Net writes of the whole block, each key once. */
  readonly writes: readonly Effect[];
  /** One per accepted transaction, in order. */
  readonly leaves: readonly AppliedLeaf[];
}

/** Whether one of the next `count` leaves of a log of `size` leaves carries a state hash. */
export function wantsStateHash(size: number, count: number): boolean {
  const next = size + ((STATE_HASH_LEAVES - (size % STATE_HASH_LEAVES)) % STATE_HASH_LEAVES);
  return next > 0 && next < size + count;
}

/** Applies a block to the committed state that `read` shows. Pure: the same input gives the same output everywhere. */
export function applyBlock(read: ReadState, block: Block): AppliedBlock {
  const state = new State(read);
  const results: Result[] = [];
  const leaves: AppliedLeaf[] = [];
  for (const bytes of block.transactions) {
    const draft = new State((key) => state.get(key));
    const index = block.size + leaves.length;
    const result = applyTransaction(draft, bytes, block, index);
    results.push(result);
    if (!result.ok) continue; // the draft is dropped, and with it every write
    const effects = draft.writes();
    for (const [key, value] of effects) state.set(key, value);
    leaves.push(makeLeaf(bytes, effects, block, index));
  }
  return { results, writes: state.writes(), leaves };
}

function makeLeaf(
  transaction: Uint8Array,
  writes: readonly Effect[],
  block: Block,
  index: number,
): AppliedLeaf {
  const effects = encodeEffects(writes);
  const entry = {
    height: block.height,
    time: block.time,
    transaction,
    code: 0,
    effects: sha256(effects),
  };
  if (index % STATE_HASH_LEAVES !== 0) return { leaf: encodeLedgerEntry(entry), effects };
  if (block.stateHash === undefined) throw new Error(`leaf ${index} needs the state hash`);
  return { leaf: encodeLedgerEntry({ ...entry, state: block.stateHash }), effects };
}

function applyTransaction(state: State, bytes: Uint8Array, block: Block, index: number): Result {
  try {
    const transaction = parse(bytes);
    const { ledger, id, kid, sequence } = transaction;
    const { origin } = state.ledger();
    if (ledger !== origin) throw new Refusal("tx.ledger", `expected ${origin}, found ${ledger}`);
    const first = state.transactionIndex(id);
    if (first !== null)
      return { ok: false, code: "tx.duplicate", message: REFUSALS["tx.duplicate"], index: first };
    const signer = state.key(kid);
    if (signer === null) throw new Refusal("tx.unknown-key");
    if (signer.status !== "active")
      throw new Refusal("tx.revoked-key", `${signer.status} at height ${signer.until}`);
    if (!verifyTransaction(transaction, signer.key)) throw new Refusal("tx.signature");
    const last = state.lastSequence(kid);
    if (sequence <= last) throw new Refusal("tx.replay", `${sequence} after ${last}`);
    const handle = handlerOf(transaction.kind);
    handle({ state, transaction, signer, kid, height: block.height, time: block.time, index });
    state.put(stateKey.sequence(kid), sequence);
    state.put(stateKey.transaction(id), index);
    return { ok: true, index };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
}

function parse(bytes: Uint8Array): Transaction {
  try {
    return parseTransaction(bytes);
  } catch (error) {
    if (error instanceof FormatError) throw new Refusal("tx.malformed", error.message);
    throw error;
  }
}

/** The one switch over kinds; else `tx.unknown-kind`. */
function handlerOf(kind: string): (context: Context) => void {
  switch (kind) {
    case "building.register":
      return buildingRegister;
    case "place.register":
      return placeRegister;
    case "gateway.enrol":
      return gatewayEnrol;
    case "device.enrol":
      return deviceEnrol;
    case "key.rotate":
      return keyRotate;
    case "key.revoke":
      return keyRevoke;
    case "policy.set":
      return policySet;
    case "hold.place":
      return holdPlace;
    case "hold.release":
      return holdRelease;
    case "disposition":
      return disposition;
    case "anchor":
      return anchor;
    case "equivocation":
      return equivocation;
    default:
      throw new Refusal("tx.unknown-kind", JSON.stringify(kind));
  }
}
