// The one error of the ledger package, with a stable code from one table (house rule: errors).

/** Every code, and what it means. Codes are stable; messages are not. Refusals of transactions are values, not errors: machine/codes.ts. */
export const LEDGER_CODES = {
  "alarm.acknowledged": "the alarm was acknowledged before",
  "alarm.closed": "the alarms of this node are closed",
  "alarm.rule": "a rule that cannot be used",
  "alarm.rule-exists": "a rule of this id is there; replace it or remove it",
  "alarm.store": "the alarms that are kept here are those of another ledger",
  "alarm.unknown": "no alarm and no rule has this id",
  "archive.lost":
    "a file of the archive that must be there is not, or does not lead to its checkpoint",
  "archive.not-staged": "the batch to publish was never staged",
  "archive.range": "entries beyond what is published",
  "archive.root": "the entries do not lead to the root that was anchored",
  "archive.staging-full": "more is staged than allowed",
  "genesis.structure": "not a genesis document (FORMAT 5)",
  "genesis.other": "the stored ledger began with another genesis document",
  "genesis.key": "a signing key is not the one that genesis names for this validator",
  "consensus.closed": "the ledger is closed",
  "consensus.halted":
    "the ledger stopped because a durable step failed; restart it, and it recovers",
  "consensus.corrupt": "the stored ledger contradicts itself",
  "consensus.behind":
    "the stored ledger is older than what was signed already; restore the newer copy",
  "consensus.fork": "refused to sign a checkpoint that does not extend the one signed before",
  "consensus.range": "a ledger entry beyond the committed size",
  "config.value": "a setting that cannot be used",
  "evidence.beyond-head": "a size that the ledger log has not reached",
  "evidence.state": "the committed state lacks a record that the log wrote",
  "evidence.unknown-entry": "no such entry in the ledger log",
  "replay.entry": "the log does not replay to itself",
} as const;

export type LedgerCode = keyof typeof LEDGER_CODES;

/** What went wrong, by code. The message says what was expected and found; `cause` is kept. */
export class LedgerError extends Error {
  readonly code: LedgerCode;

  constructor(code: LedgerCode, found?: string, options?: ErrorOptions) {
    super(found === undefined ? LEDGER_CODES[code] : `${LEDGER_CODES[code]}: ${found}`, options);
    this.name = "LedgerError";
    this.code = code;
  }
}
