// SIGKILL of the bridge, again and again while boards send: nothing acknowledged is lost, nothing is there twice.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../stack/fleet.ts";
import { Board, balance, startSerialFleet } from "./boards.ts";
import { openCable, sayIfSkipped } from "./cable.ts";
import { generator, printedSeed } from "./chance.ts";

const KILLS = 10;
const ALIVE_MS_MAX = 400;
const ACK_TIMEOUT_MS = 100;

test.skipIf(sayIfSkipped("kill -9 of the bridge"))(
  "nothing acknowledged is lost or there twice, whenever the bridge dies",
  async () => {
    const seed = printedSeed("bridge killed");
    const random = generator(seed);
    const folder = await mkdtemp(join(tmpdir(), "muniment-killed-"));
    const cable = await openCable(folder, "line");
    const stack = await startSerialFleet(1, cable.ends[0]);
    const board = new Board(
      stack.fleet.devices[0]!,
      cable.ends[1],
      generator(seed + 1),
      ACK_TIMEOUT_MS,
    );
    const { account } = board;
    try {
      const sending = board.send();
      sending.catch(() => {}); // a failed test closes the line under it
      await until("the first readings", () => account.acknowledged.size > 5);
      let interrupted = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        await new Promise((done) => setTimeout(done, random() * ALIVE_MS_MAX));
        if (account.signed.size > account.acknowledged.size) interrupted += 1;
        await stack.bridge.kill();
        stack.bridge = await stack.startBridge(cable.ends[0]);
        const before = account.acknowledged.size;
        await until("readings after the start", () => account.acknowledged.size > before);
      }
      board.stop();
      await sending;
      expect(account.acknowledged.size).toBe(account.signed.size);
      expect((await balance(stack.fleet, [account])).trouble).toEqual([]);
      console.log(
        `killed: ${KILLS} kills, ${interrupted} with a reading on its way; ${account.acknowledged.size} readings`,
      );
      expect(interrupted).toBeGreaterThan(KILLS / 2);
    } finally {
      await board.close();
      await stack.close();
      await cable.unplug();
      await rm(folder, { recursive: true, force: true });
    }
  },
  180_000,
);
