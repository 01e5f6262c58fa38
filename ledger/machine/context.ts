// What one transaction is applied in: the draft it writes to, who signed it, and where in the ledger it will stand.

import type { Hash32, Transaction } from "@muniment/core";
import { Refusal } from "./codes.ts";
import type { KeyRecord } from "./records.ts";
import type { State } from "./state.ts";

export interface Context {
  readonly state: State;
  readonly transaction: Transaction;
  /** The active key that signed, already verified. */
  readonly signer: KeyRecord;
  readonly kid: Hash32;
  readonly height: number;
  /** Block time in milliseconds since 1970. */
  readonly time: number;
  /** Ledger index that the transaction gets if it is accepted. */
  readonly index: number;
}

/** Else `tx.not-permitted`. */
export function requireRole(context: Context, ...roles: readonly KeyRecord["role"][]): void {
  if (!roles.includes(context.signer.role))
    throw new Refusal(
      "tx.not-permitted",
      `expected a key of an ${roles.join(" or ")}, found ${context.signer.role}`,
    );
}
