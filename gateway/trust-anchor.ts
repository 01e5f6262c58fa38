// What a gateway is to trust: read from a genesis document and the policy that a node shows with it (D14, F6).

import {
  type Cbor,
  decode,
  equal,
  FormatError,
  formatPolicy,
  type Policy,
  parsePolicy,
} from "@muniment/core";
import { GatewayError } from "./errors.ts";

/**
 * Origin and archive keys of the genesis document, once it is seen that the policy names its validators and no other, and
 * asks for more than two thirds of them: the genesis may be pinned by its hash, the policy comes from whoever answered.
 * Errors: `enrol.genesis`.
 */
export function trustAnchor(
  genesis: Uint8Array,
  policyText: string,
): { readonly origin: string; readonly archives: readonly Uint8Array[] } {
  try {
    const document = decode(genesis);
    const policy = parsePolicy(policyText);
    if (!(document instanceof Map))
      throw new GatewayError("enrol.genesis", "the genesis document is no map");
    const origin = document.get("origin");
    const validators = document.get("validators");
    if (typeof origin !== "string" || !Array.isArray(validators)) {
      throw new GatewayError(
        "enrol.genesis",
        "the genesis document names no origin or no validators",
      );
    }
    const keysOf = (name: string): Uint8Array[] =>
      validators.map((validator: Cbor) => {
        const key = validator instanceof Map ? validator.get(name) : undefined;
        if (!(key instanceof Uint8Array))
          throw new GatewayError("enrol.genesis", `a validator without ${name} key`);
        return key;
      });
    const logs = policy.logs
      .filter(({ name }) => name === origin)
      .map(({ publicKey }) => publicKey);
    const witnesses = Array.from(policy.witnesses.values(), ({ publicKey }) => publicKey);
    if (logs.length !== policy.logs.length || policy.quorum === null) {
      throw new GatewayError(
        "enrol.genesis",
        `the policy is not one for ${origin}: ${formatPolicy(policy)}`,
      );
    }
    if (!sameKeys(logs, keysOf("log")) || !sameKeys(witnesses, keysOf("cosigner"))) {
      throw new GatewayError(
        "enrol.genesis",
        "the policy names other keys than the genesis document",
      );
    }
    const needed = cosignersNeeded(policy);
    if (3 * needed <= 2 * validators.length) {
      throw new GatewayError(
        "enrol.genesis",
        `the policy is met by ${needed} of ${validators.length} validators, expected more than two thirds`,
      );
    }
    return { origin, archives: keysOf("archive") };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new GatewayError("enrol.genesis", error.message, { cause: error });
  }
}

/** How many validators must sign: of one witness, or of one flat group; 0 for any other shape, where it could be fewer. */
function cosignersNeeded({ quorum, groups, witnesses }: Policy): number {
  if (quorum === null) return 0;
  if (witnesses.has(quorum)) return 1;
  const group = groups.get(quorum);
  return group?.members.every((member) => witnesses.has(member)) ? group.threshold : 0;
}

function sameKeys(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((key) => b.some((other) => equal(key, other)));
}
