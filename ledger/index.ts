// The face of the ledger package.

export type { NodeConfig, NodeSettings } from "./config.ts";
export type { CommittedEntry, Consensus, LedgerHead, Submission } from "./consensus/consensus.ts";
export { LEDGER_CODES, type LedgerCode, LedgerError } from "./errors.ts";
export { createNode, type LedgerNode } from "./node.ts";
