// Every third-party Ed25519 vector, by every library core can use: all must give D7's one verdict.

import { fromHex, utf8 } from "@muniment/core";
import { describe, expect, it } from "vitest";
import { nobleProvider } from "../../ledger/core/provider/browser.ts";
import { nodeProvider, sodiumProvider } from "../../ledger/core/provider/node.ts";
import type { Provider } from "../../ledger/core/provider/provider.ts";
import { publicKeyProblem, verifyWith } from "../../ledger/core/signature.ts";
import { hasMaterial, readMaterialJson, readMaterialText } from "./material.ts";
import { Tally } from "./tally.ts";

interface Case {
  readonly family: string;
  readonly name: string;
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly valid: boolean;
  /** Why D7 may refuse what the vector's source accepts. */
  readonly policy?: string;
}

const LOW_ORDER_KEY = "low-order key";
const LOW_ORDER_R = "low-order R";
const NON_CANONICAL_KEY = "non-canonical key";

function wycheproof(): Case[] {
  const file = readMaterialJson<{
    testGroups: {
      publicKey: { pk: string };
      tests: { tcId: number; msg: string; sig: string; result: string }[];
    }[];
  }>("ed25519/wycheproof_ed25519.json");
  return file.testGroups.flatMap(({ publicKey, tests }) =>
    tests.map((test) => ({
      family: "Wycheproof",
      name: `tcId ${test.tcId}`,
      key: fromHex(publicKey.pk),
      message: fromHex(test.msg),
      signature: fromHex(test.sig),
      valid: test.result === "valid",
    })),
  );
}

/** The flags fix the verdict of the cofactorless rule: R re-encoded by the verifier must equal the bytes of R, so
 * a non-canonical R and a low-order residue fail. What D7 refuses beyond that is named as policy. */
function cctv(): Case[] {
  type Vector = { number: number; key: string; sig: string; msg: string; flags: string[] | null };
  return readMaterialJson<Vector[]>("ed25519/cctv_ed25519vectors.json").map((vector) => {
    const flags = new Set(vector.flags ?? []);
    const policy = flags.has("low_order_A")
      ? LOW_ORDER_KEY
      : flags.has("non_canonical_A")
        ? NON_CANONICAL_KEY
        : flags.has("low_order_R")
          ? LOW_ORDER_R
          : undefined;
    return {
      family: "CCTV",
      name: `number ${vector.number}`,
      key: fromHex(vector.key),
      message: utf8(vector.msg),
      signature: fromHex(vector.sig),
      valid: !flags.has("non_canonical_R") && !flags.has("low_order_residue"),
      ...(policy === undefined ? {} : { policy }),
    };
  });
}

/** Verdicts of the cofactorless row of "Taming the many EdDSAs", table 5 (cases 0 to 11). */
const SPECCHECK_COFACTORLESS = new Set([0, 1, 2, 3]);
const SPECCHECK_POLICY: Readonly<Record<number, string>> = {
  0: LOW_ORDER_KEY,
  1: LOW_ORDER_KEY,
  2: LOW_ORDER_R,
};

function speccheck(): Case[] {
  type Vector = { index: number; message: string; pub_key: string; signature: string };
  return readMaterialJson<Vector[]>("ed25519/speccheck_cases.json").map((vector) => {
    const policy = SPECCHECK_POLICY[vector.index];
    return {
      family: "speccheck",
      name: `case ${vector.index}`,
      key: fromHex(vector.pub_key),
      message: fromHex(vector.message),
      signature: fromHex(vector.signature),
      valid: SPECCHECK_COFACTORLESS.has(vector.index),
      ...(policy === undefined ? {} : { policy }),
    };
  });
}

interface SigningCase extends Case {
  readonly seed: Uint8Array;
}

function rfc8032(): SigningCase[] {
  type Vector = { priv: string; pub: string; msg: string; sig: string };
  return readMaterialJson<Vector[]>("ed25519/rfc8032.json").map((vector, i) => ({
    family: "RFC 8032 section 7.1",
    name: `vector ${i}`,
    seed: fromHex(vector.priv),
    key: fromHex(vector.pub),
    message: fromHex(vector.msg),
    signature: fromHex(vector.sig),
    valid: true,
  }));
}

function signInput(): SigningCase[] {
  const lines = readMaterialText("ed25519/sign_input.txt")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line, i) => {
    const [secret, key, message, signed] = line.split(":") as [string, string, string, string];
    return {
      family: "ed25519.cr.yp.to sign.input",
      name: `line ${i + 1}`,
      seed: fromHex(secret).slice(0, 32),
      key: fromHex(key),
      message: fromHex(message),
      signature: fromHex(signed).slice(0, 64),
      valid: true,
    };
  });
}

const sodium = sodiumProvider();
const providers: readonly Provider[] = [
  ...(sodium === null ? [] : [sodium]),
  nodeProvider(),
  nobleProvider(),
];
if (sodium === null)
  console.warn(
    "SKIPPED: sodium-native among the Ed25519 providers, because its addon does not load here",
  );

describe.runIf(hasMaterial("ed25519"))("third-party Ed25519 vectors", () => {
  it("get one verdict from every provider: the source's own, unless D7 names why not", () => {
    const tally = new Tally(`Ed25519 by ${providers.map(({ name }) => name).join(", ")}`);
    const split: string[] = [];
    for (const vector of [
      ...wycheproof(),
      ...cctv(),
      ...speccheck(),
      ...rfc8032(),
      ...signInput(),
    ]) {
      const verdicts = providers.map((provider) =>
        verifyWith(provider, vector.key, vector.message, vector.signature),
      );
      if (new Set(verdicts).size !== 1)
        split.push(`${vector.family} ${vector.name}: ${verdicts.join(", ")}`);
      if (vector.valid && vector.policy !== undefined) {
        tally.refusedByPolicy(vector.family, vector.name, vector.policy, false, verdicts[0]);
      } else {
        tally.expect(vector.family, vector.name, vector.valid, verdicts[0]);
      }
    }
    tally.print();
    expect(split).toEqual([]);
    expect(tally.wrong()).toEqual([]);
    expect(tally.total()).toBeGreaterThanOrEqual(1_400);
  });

  it("are signed to the same bytes by every provider", () => {
    for (const vector of [...rfc8032(), ...signInput().filter((_, i) => i % 8 === 0)]) {
      for (const provider of providers) {
        expect(provider.publicKey(vector.seed), provider.name).toEqual(vector.key);
        expect(provider.sign(vector.seed, vector.message), provider.name).toEqual(vector.signature);
      }
    }
  });

  it("with a low-order or non-canonical key can never be enrolled", () => {
    for (const { key, policy } of [...cctv(), ...speccheck()]) {
      if (policy === LOW_ORDER_KEY || policy === NON_CANONICAL_KEY)
        expect(publicKeyProblem(key)).not.toBeNull();
    }
  });
});
