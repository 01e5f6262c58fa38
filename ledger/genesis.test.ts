// Genesis: what is accepted, what is refused, and the policy that follows from it (F5, F6).

import { encode, parsePolicy } from "@muniment/core";
import { describe, expect, test } from "vitest";
import {
  GENESIS_TIME,
  ORIGIN,
  testGenesis,
  testSigner,
  VALIDATOR,
} from "../test/conformance/ledger-cast.ts";
import { createGenesis, type Genesis, genesisPolicy, loadGenesis } from "./genesis.ts";

const validator = (name: string) => ({
  name,
  log: testSigner(`${name} log`).publicKey,
  cosigner: testSigner(`${name} cosigner`).publicKey,
  archive: testSigner(`${name} archive`).publicKey,
});
const good: Genesis = loadGenesis(testGenesis());
const operator = good.operators[0]!;

test("reads back what was created, to the same bytes", () => {
  expect(good).toMatchObject({ origin: ORIGIN, time: GENESIS_TIME });
  expect(createGenesis(good)).toEqual(testGenesis());
});

describe("refuses", () => {
  const key = operator.key;
  const cases: readonly [string, Partial<Genesis> | Record<string, unknown>][] = [
    ["an origin with white space", { origin: "a b" }],
    ["an origin that a verifier key cannot name", { origin: "a+b" }],
    ["a fraction of a millisecond", { time: 0.5 }],
    ["nobody to operate it", { operators: [] }],
    [
      "two operators of one name",
      { operators: [operator, { name: operator.name, key: testSigner("x").publicKey }] },
    ],
    ["a list of archivists without any", { archivists: [] }],
    ["an archivist with an operator's key", { archivists: [{ name: "v1", key: operator.key }] }],
    ["one key in two places", { operators: [{ name: "operator", key: VALIDATOR.log.publicKey }] }],
    ["a key of small order", { operators: [{ name: "operator", key: new Uint8Array(32) }] }],
    ["an unknown field", { operators: [{ name: "operator", key, admin: true }] }],
    ["a policy without citation", { policy: { x: [{ from: 0, value: 1, citation: "" }] } }],
    [
      "policy steps out of order",
      { policy: { x: [5, 5].map((from) => ({ from, value: 1, citation: "law" })) } },
    ],
  ];
  test.each(cases)("%s", (_what, change) => {
    expect(() => createGenesis({ ...good, ...change } as Genesis)).toThrow(
      expect.objectContaining({ code: "genesis.structure" }),
    );
  });

  test("another format, an unknown field, and bytes that are no CBOR", () => {
    for (const bytes of [
      encode({ ...good, format: 2 }),
      encode({ ...good, format: 1, more: 1 }),
      Uint8Array.of(0xff),
    ]) {
      expect(() => loadGenesis(bytes)).toThrow(
        expect.objectContaining({ code: "genesis.structure" }),
      );
    }
  });
});

test.each([
  [1, null],
  [2, 2],
  [3, 3],
  [4, 3],
  [7, 5],
  [10, 7],
])("%i validators: more than two thirds must cosign", (count, threshold) => {
  const validators = Array.from({ length: count }, (_, i) => validator(`v${i}`));
  const policy = parsePolicy(genesisPolicy({ ...good, validators }));
  expect(policy.logs).toHaveLength(count);
  expect(policy.witnesses.size).toBe(count);
  if (threshold === null) expect(policy.quorum).toBe("v0");
  else expect(policy.groups.get(policy.quorum!)).toMatchObject({ threshold });
});
