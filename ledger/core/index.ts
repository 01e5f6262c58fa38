// The face of core: everything that gateway, ledger, dashboard and simulator may use.

export * from "./access-event.ts";
export * from "./birth.ts";
export * from "./bytes.ts";
export * from "./cbor.ts";
export * from "./checkpoint.ts";
export * from "./cose.ts";
export * from "./cosignature.ts";
export * from "./device-state.ts";
export * from "./disposition.ts";
export * from "./errors.ts";
export * from "./evidence.ts";
export * from "./hash.ts";
export * from "./ledger-entry.ts";
export * from "./merkle.ts";
export * from "./note.ts";
export * from "./policy.ts";
export * from "./proof.ts";
export * from "./senml.ts";
export { publicKeyProblem, type Signer, signerFromSeed, verify } from "./signature.ts";
export * from "./statement.ts";
export * from "./tiles.ts";
export * from "./tlog-proof.ts";
export * from "./transaction.ts";
