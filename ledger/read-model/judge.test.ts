// The judge beside a store and a log: what left the windows is read in few, wide reads, and judged by its own bytes (D4).

import { type Hash32, sha256, utf8 } from "@muniment/core";
import { expect, it } from "vitest";
import { type Claim, Judge } from "./judge.ts";

const SIGNERS = 3;
const LENGTH = 6_000;

/** A log in which every third entry is the same signer's, under rising sequences. */
const entries = Array.from({ length: LENGTH }, (_, index) => utf8(`entry ${index}`));
const claimAt = (index: number): Claim & { readonly hash: Hash32 } => ({
  signer: index % SIGNERS,
  sequence: Math.floor(index / SIGNERS),
  hash: sha256(entries[index]!),
});

function judgeOverLog(): { judge: Judge; reads: (readonly [number, number])[] } {
  const reads: (readonly [number, number])[] = [];
  const highest = new Map(Array.from({ length: SIGNERS }, (_, n) => [n, LENGTH / SIGNERS - 1]));
  const judge = new Judge(highest, {
    find: async (wanted) =>
      wanted.map(({ signer, sequence }) => ({
        signer,
        sequence,
        gateway: "gw-1",
        index: sequence * SIGNERS + signer,
      })),
    read: async (_gateway, from, to) => {
      reads.push([from, to]);
      return entries.slice(from, to);
    },
  });
  return { judge, reads };
}

it("finds the first copies of one device among many in a few reads", async () => {
  const { judge, reads } = judgeOverLog();
  const again = Array.from({ length: LENGTH / SIGNERS }, (_, n) => claimAt(n * SIGNERS));
  await judge.prepare(again);
  expect(reads.length).toBeLessThanOrEqual(2);
  for (const { hash, ...claim } of again) {
    expect(judge.verdict(claim, hash)).toBe("same");
    expect(judge.verdict(claim, sha256(utf8("other bytes")))).toBe("other");
  }
});

it("does not read across wide gaps", async () => {
  const { judge, reads } = judgeOverLog();
  const few = [claimAt(0), claimAt(5_997)];
  await judge.prepare(few);
  expect(reads).toEqual([
    [0, 1],
    [5_997, 5_998],
  ]);
  for (const { hash, ...claim } of few) expect(judge.verdict(claim, hash)).toBe("same");
});
