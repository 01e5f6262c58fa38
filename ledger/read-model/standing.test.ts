// One change at a time to an entry that counts: each gives its own standing, and the graver reason wins.

import { expect, test } from "vitest";
import { type Deposition, STANDINGS, standingNumber, standingOf } from "./standing.ts";

const device = { urn: "urn:dev:os:32473-m", place: "b1/floor-1", building: "b1" };
const signer = { role: "device", status: "active", retiredAt: null, building: "b1", device };
const statement = { iss: device.urn, sub: device.place, issuedAt: 1_000, signed: true };
const honest: Deposition = {
  ...{ genesis: false, statement, building: "b1", signer },
  ...{ sequence: "next", pointsKnown: true },
};

test.each<[string, Partial<Deposition>]>([
  ["counted", {}],
  ["late", { sequence: "late" }],
  ["genesis", { genesis: true, statement: null, signer: null }],
  ["malformed", { statement: null, signer: null }],
  ["unknown-key", { signer: null }],
  ["unknown-key", { signer: { ...signer, role: "operator", device: null } }],
  ["bad-signature", { statement: { ...statement, signed: false }, sequence: "same" }],
  ["wrong-building", { building: "b2", sequence: "other" }],
  ["wrong-device", { statement: { ...statement, iss: "urn:dev:os:32473-n" } }],
  ["wrong-device", { statement: { ...statement, sub: "b1/floor-2" } }],
  ["revoked-key", { signer: { ...signer, status: "revoked", retiredAt: 2_000_000 } }],
  ["revoked-key", { signer: { ...signer, status: "rotated", retiredAt: 1_000_000 } }],
  ["counted", { signer: { ...signer, status: "rotated", retiredAt: 1_000_001 } }],
  ["duplicate", { sequence: "same", pointsKnown: false }],
  ["conflict", { sequence: "other", pointsKnown: false }],
  ["unknown-point", { pointsKnown: false }],
])("%s: %o", (standing, change) => {
  expect(standingOf({ ...honest, ...change })).toBe(standing);
});

test("stored numbers never change", () => {
  expect(STANDINGS.map(standingNumber)).toEqual(STANDINGS.map((_, i) => i));
  expect(STANDINGS.slice(0, 3)).toEqual(["counted", "late", "genesis"]);
  expect(standingNumber("conflict")).toBe(11);
});
