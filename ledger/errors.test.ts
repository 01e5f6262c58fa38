// The error table: codes have one form and one place, so that none comes or goes unseen.

import { expect, test } from "vitest";
import { LEDGER_CODES, LedgerError } from "./errors.ts";
import { REFUSALS, Refusal } from "./machine/codes.ts";

test("codes are <subject>.<what>, and none is both an error and a refusal", () => {
  const codes = [...Object.keys(LEDGER_CODES), ...Object.keys(REFUSALS)];
  for (const code of codes) expect(code).toMatch(/^[a-z]+\.[a-z-]+$/);
  expect(new Set(codes).size).toBe(codes.length);
});

test("a message says what the code means and what was found, and keeps the cause", () => {
  const cause = new Error("disk");
  const error = new LedgerError("consensus.halted", "disk", { cause });
  expect(error).toMatchObject({ name: "LedgerError", code: "consensus.halted", cause });
  expect(error.message).toBe(`${LEDGER_CODES["consensus.halted"]}: disk`);
  expect(new LedgerError("consensus.closed").message).toBe(LEDGER_CODES["consensus.closed"]);
  expect(new Refusal("tx.ledger", "x").message).toBe(`${REFUSALS["tx.ledger"]}: x`);
});
