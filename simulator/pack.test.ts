// Packs keep every record, in order, within the limits of a statement.
import { buildStatement, encodePack, signerFromSeed } from "@muniment/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packRecords } from "./pack.ts";

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
const record = fc.record({
  name,
  unit: fc.constantFrom("J", "count", "Cel"),
  value,
  step: fc.nat(2_000),
});

test("any records become statements that a gateway can read", () => {
  const signer = signerFromSeed(new Uint8Array(32).fill(1));
  fc.assert(
    fc.property(fc.array(record, { maxLength: 300 }), (drawn) => {
      let time = 1_700_000_000;
      const records = drawn.map(({ step, ...rest }) => {
        time += step;
        return { ...rest, time };
      });
      const packs = packRecords(records, 3_600);
      expect(packs.flat()).toEqual(records);
      for (const pack of packs) {
        expect(pack.length).toBeLessThanOrEqual(100);
        expect(new Set(pack.map((one) => Math.floor(one.time / 3_600))).size).toBe(1);
        const head = {
          signer,
          iss: `urn:dev:os:32473-${"d".repeat(64)}`,
          sub: Array(8).fill("s".repeat(20)).join("/"),
        };
        buildStatement({ ...head, issuedAt: 1_700_000_000, sequence: 1, records: pack });
      }
    }),
    { numRuns: 50 },
  );
});

test("what the limit lets through is not longer encoded", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 120 }), (drawn) => {
      const records = drawn.map(({ step, ...rest }, index) => ({
        ...rest,
        time: 1_700_000_000 + index * (step % 30),
      }));
      const times = records.toSorted((a, b) => a.time - b.time);
      for (const pack of packRecords(times, 3_600, 100, 1_000))
        if (pack.length > 1) expect(encodePack(pack).length).toBeLessThanOrEqual(1_000);
    }),
    { numRuns: 50 },
  );
});
