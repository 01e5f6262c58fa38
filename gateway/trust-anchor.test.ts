// A genesis known by its hash vouches for the keys of the policy beside it, and for nothing else in it.

import {
  COSIGNATURE_V1,
  ED25519,
  encode,
  formatPolicy,
  makeVkey,
  type PolicyGroup,
  sha256,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { describe, expect, test } from "vitest";
import { trustAnchor } from "./trust-anchor.ts";

const ORIGIN = "ledger.test";
const key = (text: string): Uint8Array => signerFromSeed(sha256(utf8(text))).publicKey;
const names = ["v1", "v2", "v3", "v4"];
const genesis = encode({
  origin: ORIGIN,
  validators: names.map((name) => ({
    name,
    log: key(`${name} log`),
    cosigner: key(`${name} cosigner`),
    archive: key(`${name} archive`),
  })),
});

function policy(
  groups: readonly PolicyGroup[],
  quorum: string | null,
  extra: { readonly origin?: string; readonly cosigner?: string } = {},
): string {
  return formatPolicy({
    logs: names.map((name) => makeVkey(extra.origin ?? ORIGIN, ED25519, key(`${name} log`))),
    witnesses: new Map(
      names.map((name) => [
        name,
        makeVkey(
          `${ORIGIN}/${name}`,
          COSIGNATURE_V1,
          key(`${name} ${extra.cosigner ?? "cosigner"}`),
        ),
      ]),
    ),
    groups: new Map(groups.map((group) => [group.name, group])),
    quorum,
  });
}

const of = (threshold: number, members: readonly string[] = names, name = "all"): PolicyGroup => ({
  name,
  threshold,
  members,
});

test("three of four validators under the ledger's own name are what the genesis means", () => {
  const { origin, archives } = trustAnchor(genesis, policy([of(3)], "all"));
  expect(origin).toBe(ORIGIN);
  expect(archives).toEqual(names.map((name) => key(`${name} archive`)));
});

describe("a node may not weaken the policy of a pinned genesis:", () => {
  test.each([
    ["two of four", policy([of(2)], "all")],
    ["one validator", policy([], "v1")],
    ["nobody", policy([of(3)], null)],
    [
      "a group of groups",
      policy([of(1, ["v1", "v2"], "pair"), of(3, ["pair", "v1", "v2"])], "all"),
    ],
    ["other cosigners", policy([of(3)], "all", { cosigner: "stranger" })],
    ["another origin", policy([of(3)], "all", { origin: "other.test" })],
    ["no policy", "hello"],
  ])("%s", (_, text) => {
    expect(() => trustAnchor(genesis, text)).toThrow(
      expect.objectContaining({ code: "enrol.genesis" }),
    );
  });
});
