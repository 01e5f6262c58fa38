// A wire that drops, flips and inserts bytes: every reading still arrives, once and unaltered, and the noise is counted.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Board, balance, startSerialFleet } from "./boards.ts";
import { openCable, sayIfSkipped } from "./cable.ts";
import { generator, printedSeed } from "./chance.ts";
import { openNoise } from "./noise.ts";

const READINGS = 250;
/** Of each byte to be dropped, of it to be flipped, of another to follow it: some 3 of 10 frames are damaged. */
const RATE = 0.0005;
const ACK_TIMEOUT_MS = 100;

test.skipIf(sayIfSkipped("byte-exact through noise"))(
  "each reading once through a bad wire",
  async () => {
    const seed = printedSeed("serial noise");
    const folder = await mkdtemp(join(tmpdir(), "muniment-noise-"));
    const nearBoard = await openCable(folder, "board");
    const nearBridge = await openCable(folder, "bridge");
    const noise = await openNoise([nearBoard.ends[1], nearBridge.ends[1]], RATE, generator(seed));
    const stack = await startSerialFleet(1, nearBridge.ends[0]);
    const board = new Board(
      stack.fleet.devices[0]!,
      nearBoard.ends[0],
      generator(seed + 1),
      ACK_TIMEOUT_MS,
    );
    try {
      await board.send(READINGS);
      expect(board.account.acknowledged.size).toBe(READINGS);
      const { trouble, logged } = await balance(stack.fleet, [board.account]);
      expect(trouble).toEqual([]);
      expect(logged).toBe(READINGS);
      const { counters } = await stack.health();
      console.log(
        `noise: ${JSON.stringify(noise.counts)}; board ${JSON.stringify(board.board.counts)}; ` +
          `bridge ${JSON.stringify({ ...counters })}`,
      );
      // The wire was bad, and the check sequence saw it.
      expect(noise.counts.dropped).toBeGreaterThan(0);
      expect(noise.counts.flipped).toBeGreaterThan(0);
      expect(noise.counts.inserted).toBeGreaterThan(0);
      expect(counters.discards.fcs).toBeGreaterThan(READINGS / 20);
      expect(board.board.counts.retransmissions).toBeGreaterThan(READINGS / 20);
      expect(counters.events.retransmission).toBeGreaterThan(0);
    } finally {
      await board.close();
      await stack.close();
      await noise.close();
      await nearBoard.unplug();
      await nearBridge.unplug();
      await rm(folder, { recursive: true, force: true });
    }
  },
  180_000,
);
