// Every word that the gateway can say is one answer on the line (F9): its own tables against the bridge's.

import { FORMAT_CODES } from "@muniment/core";
import { describe, expect, test } from "vitest";
import { ANSWER_CODES, answerOf, isKnownResult } from "../../firmware-bridge/answer.ts";
import { ACCEPTED, REFUSALS } from "../../gateway/ingest/results.ts";

describe("the gateway's results", () => {
  const refusals = [...Object.keys(REFUSALS), ...Object.keys(FORMAT_CODES)];

  test("are all known to the bridge", () => {
    expect(refusals.length).toBeGreaterThan(40);
    for (const result of [...Object.keys(ACCEPTED), ...refusals])
      expect(isKnownResult(result), result).toBe(true);
  });

  test("accepted is 2.04, and nothing else is", () => {
    for (const result of Object.keys(ACCEPTED)) expect(answerOf(result)).toEqual({ code: "2.04" });
    for (const result of refusals) {
      const { code, payload } = answerOf(result);
      expect(code, result).toMatch(/^4\.(00|01|09|13)$/);
      expect(Object.keys(ANSWER_CODES)).toContain(code);
      expect(Buffer.from(payload!).toString()).toBe(result);
    }
  });

  test.each([
    ["bad-signature", "4.01"],
    ["unknown-key", "4.01"],
    ["revoked-key", "4.01"],
    ["conflict", "4.09"],
    ["too-large", "4.13"],
    ["statement.too-large", "4.13"],
    ["cbor.key-order", "4.00"],
    ["future", "4.00"],
  ])("%s is %s", (result, code) => {
    expect(answerOf(result).code).toBe(code);
  });
});

test("a word that the bridge does not know is durable all the same, so it is no reason to send again", () => {
  for (const result of ["something-new", "toString", "__proto__"]) {
    expect(isKnownResult(result)).toBe(false);
    expect(answerOf(result).code).toBe("4.00");
  }
});
