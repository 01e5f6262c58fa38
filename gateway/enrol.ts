// Commissions a gateway: makes its keys, pins the ledger it will trust, and has an operator enrol it (D14, F4).

import { existsSync } from "node:fs";
import { join } from "node:path";
import { leafHash, sha256, toHex } from "@muniment/core";
import { loadOrCreateKey, openOperator } from "@muniment/core/files";
import { type Commission, loadCommission, saveCommission } from "./commission.ts";
import { gatewayDirectory } from "./config.ts";
import { GatewayError } from "./errors.ts";
import { createLedgerClient } from "./sync/ledger-client.ts";
import { trustAnchor } from "./trust-anchor.ts";

export interface EnrolOptions {
  readonly data: string;
  readonly id: string;
  readonly building: string;
  /** Nodes of one ledger, in the order in which the gateway will ask them. */
  readonly urls: readonly string[];
  /** SHA-256 of the genesis document, where the operator knows it from elsewhere; else the first answer is trusted. */
  readonly genesis?: string;
  /** Private key of the operator; by default `<data>/keys/operator.pem`. */
  readonly operatorKey?: string;
}

export interface Enrolment {
  readonly commission: Commission;
  /** Ledger index of the enrolment, or null when this gateway was enrolled before. */
  readonly index: number | null;
}

/**
 * Enrols a gateway. Running it again finishes what was cut off: keys are kept, and an enrolment that the ledger already
 * has with these keys is not an error (the gateway checks it, with proof, when it starts).
 * Errors: `enrol.*`, `ledger.*`, `commission.invalid`.
 */
export async function enrol(options: EnrolOptions): Promise<Enrolment> {
  const { data, id, building, urls } = options;
  const directory = gatewayDirectory({ data, id });
  const again = existsSync(join(directory, "commission.json"));
  const commission = again ? await loadCommission(directory) : await commissionFrom(options);
  if (commission.building !== building) {
    throw new GatewayError(
      "enrol.refused",
      `${id} was commissioned for building ${commission.building}`,
    );
  }
  const key = await loadOrCreateKey(join(directory, "keys", "gateway.pem"));
  const logKey = await loadOrCreateKey(join(directory, "keys", "log.pem"));
  await saveCommission(directory, commission);
  // Die here: commissioned but not enrolled. The same command again enrols the same keys.
  const operator = await openOperator({
    keyPath: options.operatorKey ?? join(data, "keys", "operator.pem"),
    ledger: urls[0]!,
  });
  const body = { gateway: id, building, key: key.publicKey, logKey: logKey.publicKey };
  const answer = await operator.submit("gateway.enrol", body);
  if (answer.ok) return { commission, index: answer.index };
  if (again && answer.code === "registry.exists") return { commission, index: null };
  throw new GatewayError("enrol.refused", `${answer.code}: ${answer.message}`);
}

async function commissionFrom({
  id,
  building,
  urls,
  genesis: expected,
}: EnrolOptions): Promise<Commission> {
  const client = createLedgerClient(urls);
  try {
    const genesis = await client.genesis();
    const policy = await client.policy();
    const hash = toHex(sha256(genesis));
    if (expected !== undefined && hash !== expected.toLowerCase()) {
      throw new GatewayError("enrol.genesis", `expected genesis ${expected}, found ${hash}`);
    }
    const { origin, archives } = trustAnchor(genesis, policy);
    return {
      gateway: id,
      building,
      origin,
      genesis: hash,
      genesisLeaf: toHex(leafHash(genesis)),
      policy,
      archives: archives.map(toHex),
      // As many as of the validators: more than two thirds.
      archivesNeeded: Math.floor((archives.length * 2) / 3) + 1,
      urls: Array.from(urls),
    };
  } finally {
    client.close();
  }
}
