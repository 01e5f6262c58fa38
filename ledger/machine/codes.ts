// Why the machine refuses a transaction: stable codes, a sentence each. A code is never reused for another meaning.

/** The one table. A refused transaction writes nothing, its sequence number included (D9). */
export const REFUSALS = {
  "tx.malformed": "the bytes are not a transaction (FORMAT 4)",
  "tx.ledger": "the transaction is meant for another ledger",
  "tx.duplicate": "the same transaction was accepted before",
  "tx.unknown-key": "no such key is enrolled",
  "tx.revoked-key": "the key is revoked or rotated away",
  "tx.signature": "the signature does not verify",
  "tx.replay": "the sequence number is not above the last one of this key",
  "tx.unknown-kind": "no such kind of transaction",
  "tx.not-permitted": "the key's role does not allow this transaction",
  "registry.body": "the body does not have the fields of its kind",
  "registry.exists": "the name is taken",
  "registry.unknown-building": "no such building is registered",
  "registry.unknown-key": "no such key is enrolled under the name to change",
  "registry.not-active": "the key to change is no longer active",
  "registry.key-in-use": "the key is enrolled already; one key, one purpose, once",
  "registry.bad-key": "not a public key that can ever be enrolled (D7)",
  "registry.proof": "the new key has not signed that it replaces the old one",
  "registry.last-operator": "the last active operator key cannot be revoked",
  "registry.unknown-bridge": "the bridge is no enrolled device of the same building",
  "policy.order": "a value cannot begin to hold before the value that was set last",
  "policy.value": "the value does not have the form that this policy needs",
  "policy.full": "the policy has as many values as are allowed",
  "hold.unknown": "no such hold is in force",
  "disposition.policy": "the policy named is not the one in force for what is to be destroyed",
  "disposition.early": "the day cannot be past its retention clock yet, in whatever time zone",
  "disposition.held": "a legal hold covers the day",
  "disposition.range": "an entry that is not anchored yet",
  "hold.full": "the building has as many holds in force as are allowed",
  "anchor.unknown-gateway": "no such gateway is enrolled",
  "anchor.suspended": "the gateway is suspended: it signed two histories",
  "anchor.signature": "the checkpoint is not signed by the gateway's log key",
  "anchor.origin": "the checkpoint is of another log",
  "anchor.sequence": "the sequence number of an anchor is the size of its checkpoint",
  "anchor.not-larger": "the checkpoint is not larger than the one anchored before",
  "anchor.inconsistent": "the checkpoint is not proven to extend the one anchored before",
  "equivocation.same":
    "the two notes do not contradict each other: one size and two roots are needed",
  "equivocation.signature": "a note is not signed by the gateway's log key",
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Thrown by checks inside the machine and caught by applyBlock(), which turns it into a result. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, found?: string) {
    super(found === undefined ? REFUSALS[code] : `${REFUSALS[code]}: ${found}`);
    this.name = "Refusal";
    this.code = code;
  }
}
