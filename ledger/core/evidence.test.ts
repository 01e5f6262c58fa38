// Evidence bundles as files: one spelling, and bad input is a verdict, not an exception. Real bundles and every change
// of them: test/conformance.

import { describe, expect, it } from "vitest";
import { type EvidenceBundle, formatEvidence, parseEvidence, verifyEvidence } from "./evidence.ts";

const proven = { entry: "AA==", effects: "AA==", proof: "p" };
const bundle: EvidenceBundle = {
  format: "muniment-evidence/1",
  statement: "AA==",
  gatewayProof: "p",
  anchor: proven,
  gatewayKey: proven,
  deviceKey: proven,
  policy: "quorum none\n",
};

describe("the file of a bundle", () => {
  it("has one spelling", () => {
    const text = formatEvidence(bundle);
    expect(parseEvidence(text)).toEqual(bundle);
    expect(parseEvidence(formatEvidence({ ...bundle, body: "AA==" })).body).toBe("AA==");
    for (const other of [
      text.slice(0, -1),
      ` ${text}`,
      text.replace("  ", "\t"),
      JSON.stringify(bundle),
      text.replace('"AA=="', '"\\u0041A=="'),
      text.replace('"policy"', '"policy" '),
      text.replace('"statement": "AA==",', '"statement": "BB==",\n  "statement": "AA==",'),
      text.replace('"quorum none\\n"', "5"),
      text.replace("muniment-evidence/1", "muniment-evidence/2"),
      text.replace('"statement"', '"Statement"'),
      text.replace("{\n", '{\n  "__proto__": {},\n'),
      text.replace('"proof": "p"', '"proof": null'),
      text.replace('"proof": "p"', '"proof": "p",\n    "more": "p"'),
      "null",
      "[]",
      "5",
      "",
      "{",
      "x".repeat(2 ** 20 + 1),
    ]) {
      expect(() => parseEvidence(other), other.slice(0, 80)).toThrow(
        expect.objectContaining({ code: "evidence.structure" }),
      );
      expect(verifyEvidence(other)).toMatchObject({ verdict: "failed", failedStep: "bundle" });
    }
  });

  it("fails at the first step that does not hold, whatever stands in it", () => {
    expect(verifyEvidence(formatEvidence(bundle))).toMatchObject({
      verdict: "failed",
      failedStep: "policy",
    });
    for (const policy of ["", "\ud800", "log x\nquorum none\n"]) {
      expect(verifyEvidence(formatEvidence({ ...bundle, policy }))).toMatchObject({
        verdict: "failed",
        failedStep: "policy",
      });
    }
    expect(verifyEvidence(formatEvidence(bundle), { policy: "nonsense" })).toMatchObject({
      verdict: "failed",
      failedStep: "policy",
    });
  });
});
