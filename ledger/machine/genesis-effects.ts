// The first writes: what the genesis document puts into the empty state, as if at height 0 (F5).

import { type Cbor, type Effect, keyThumbprint } from "@muniment/core";
import type { KeyRecord, LedgerRecord, PolicyRecord, ValidatorRecord } from "./records.ts";
import { State } from "./state.ts";
import { stateKey } from "./state-keys.ts";

/** A parsed genesis document; all names and keys in it are distinct and well-formed. */
export interface Genesis {
  /** Name of the ledger and of its log. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly operators: readonly { readonly name: string; readonly key: Uint8Array }[];
  /** Who may destroy, under the retention policy and nothing else. */
  readonly archivists?: readonly { readonly name: string; readonly key: Uint8Array }[];
  readonly validators: readonly {
    readonly name: string;
    /** Signs ledger checkpoints as the log (type 1). */
    readonly log: Uint8Array;
    /** Cosigns ledger checkpoints (type 4). */
    readonly cosigner: Uint8Array;
    /** Cosigns gateway checkpoints whose entries it stores and serves. */
    readonly archive: Uint8Array;
  }[];
  /** Effective-dated values by name (D11); `from` is milliseconds since 1970. */
  readonly policy: Readonly<
    Record<
      string,
      readonly { readonly from: number; readonly value: Cbor; readonly citation: string }[]
    >
  >;
}

/** The writes of genesis, in the order of the document; policies by name. */
export function genesisEffects(genesis: Genesis): Effect[] {
  const state = new State(() => undefined);
  const ledger: LedgerRecord = { origin: genesis.origin, format: 1, time: genesis.time };
  state.put(stateKey.ledger, ledger);
  state.put(
    stateKey.operators,
    genesis.operators.map(({ key }) => keyThumbprint(key)),
  );
  const enrol = (role: KeyRecord["role"], subject: string, key: Uint8Array): void => {
    const life = { status: "active", from: 0, until: null, building: null, entry: 0 } as const;
    const record: KeyRecord = { role, subject, key, ...life };
    state.put(stateKey.key(keyThumbprint(key)), record);
  };
  for (const { name, key } of genesis.operators) enrol("operator", name, key);
  for (const { name, key } of genesis.archivists ?? []) enrol("archivist", name, key);
  for (const { name, log, cosigner, archive } of genesis.validators) {
    const record: ValidatorRecord = { log, cosigner, archive };
    state.put(stateKey.validator(name), record);
  }
  for (const name of Object.keys(genesis.policy).sort()) {
    const record: PolicyRecord = genesis.policy[name]!;
    state.put(stateKey.policy(name), record);
  }
  return state.writes();
}
