// Evidence of every kind of statement: a verifier says what it is, and of a device without a clock that it had none.

import { formatEvidence, verifyEvidence } from "@muniment/core";
import { expect, test } from "vitest";
import {
  accessStatement,
  birthStatement,
  clocklessStatement,
  DEVICE_URN,
  PLACE,
  sampleLedger,
  stateStatement,
} from "../independent/sample-ledger.ts";

test("a birth, a state and readings without a clock verify like any reading, each under its name", async () => {
  const instead = new Map([
    [7, birthStatement(7)],
    [8, stateStatement(8)],
    [9, clocklessStatement(9)],
  ]);
  const sample = await sampleLedger(4, undefined, instead);
  const found = new Map<number, readonly [says: string, when: string | undefined]>();
  for (const index of [6, 7, 8, 9, 20]) {
    const body = index === 20 ? accessStatement(20).body : undefined;
    const text = formatEvidence(await sample.evidence(index, body));
    const { verdict, steps } = verifyEvidence(text, { policy: sample.policy });
    expect(verdict, `entry ${index}`).toBe("verified");
    const step = steps.find((one) => one.step === "statement")!;
    expect(step.by).toBe(DEVICE_URN);
    expect(steps.find((one) => one.step === "device-signature")!.when).toBe(step.when);
    expect(steps.find((one) => one.step === "anchor")!.when).toBe("2026-01-01T05:00:00.000Z");
    found.set(index, [step.says, step.when]);
  }
  expect([...found]).toEqual([
    [6, [`statement 6 from ${PLACE}`, "2026-01-01T00:06:00.000Z"]],
    [7, [`birth 7 from ${PLACE}`, "2026-01-01T00:07:00.000Z"]],
    [8, [`device state 8 from ${PLACE}`, "2026-01-01T00:08:00.000Z"]],
    [
      9,
      [`statement 9 from ${PLACE}; its device had no clock: only the anchor tells when`, undefined],
    ],
    [20, [`statement 20 from ${PLACE}`, "2026-01-01T00:20:00.000Z"]],
  ]);
});
