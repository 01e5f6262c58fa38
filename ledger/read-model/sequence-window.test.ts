// The window against a set that forgets nothing: whatever it is sure of is true.

import { sha256, u64be } from "@muniment/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Judge } from "./judge.ts";
import { SequenceWindow, windowSequencesMax } from "./sequence-window.ts";

const hashOf = (sequence: number, version: number) => sha256(u64be(sequence * 10 + version));
const statements = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 4 * windowSequencesMax }), fc.integer({ min: 0, max: 1 })),
  { maxLength: 400, size: "max" },
);

test("is never wrong, only unsure", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1, max: 300 }), statements, (before, incoming) => {
      const window = new SequenceWindow(before);
      // The store counted every third sequence up to `before`, in version 0, and `before` itself.
      const truth = new Map<number, number>();
      for (let sequence = 0; sequence <= before; sequence += 1)
        if (sequence % 3 === before % 3) truth.set(sequence, 0);
      for (const [sequence, version] of incoming) {
        const verdict = window.look(sequence, hashOf(sequence, version));
        const counted = truth.get(sequence);
        const highest = Math.max(-1, ...truth.keys());
        if (verdict === "unsure") expect(sequence).toBeLessThanOrEqual(highest);
        else if (counted !== undefined)
          expect(verdict).toBe(counted === version ? "same" : "other");
        else expect(verdict).toBe(sequence > highest ? "next" : "late");
        if (counted !== undefined) continue;
        truth.set(sequence, version);
        window.count(sequence, hashOf(sequence, version));
      }
    }),
  );
});

test("the judge, asking the store where the window is unsure, is always right, in batches of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      statements,
      fc.integer({ min: 1, max: 50 }),
      fc.nat(399),
      async (incoming, batch, restart) => {
        const truth = new Map<number, { version: number; index: number }>();
        const log: Uint8Array[] = [];
        const entry = (sequence: number, version: number) => u64be(sequence * 10 + version);
        const open = (): Judge =>
          new Judge(new Map([[7, Math.max(-1, ...truth.keys())]]), {
            find: async (wanted) =>
              wanted.flatMap(({ signer, sequence }) => {
                const found = truth.get(sequence);
                return found === undefined
                  ? []
                  : [{ signer, sequence, gateway: "g", index: found.index }];
              }),
            read: async (_gateway, from, to) => log.slice(from, to),
          });
        let judge = open();
        for (let from = 0; from < incoming.length; from += batch) {
          if (from <= restart && restart < from + batch) judge = open();
          const part = incoming.slice(from, from + batch);
          await judge.prepare(
            part.map(([sequence, version]) => ({
              signer: 7,
              sequence,
              hash: hashOf(sequence, version),
            })),
          );
          const counted = new Map<number, { version: number; index: number }>();
          for (const [sequence, version] of part) {
            const known = counted.get(sequence) ?? truth.get(sequence);
            const highest = Math.max(-1, ...truth.keys(), ...counted.keys());
            const verdict = judge.verdict({ signer: 7, sequence }, hashOf(sequence, version));
            expect(verdict).toBe(
              known === undefined
                ? sequence > highest
                  ? "next"
                  : "late"
                : known.version === version
                  ? "same"
                  : "other",
            );
            if (known !== undefined) continue;
            counted.set(sequence, { version, index: log.length });
            log.push(entry(sequence, version));
            judge.count({ signer: 7, sequence }, hashOf(sequence, version));
          }
          for (const [sequence, found] of counted) truth.set(sequence, found);
        }
      },
    ),
    { numRuns: 60 },
  );
});
