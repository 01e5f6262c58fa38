// A cable that is pulled out and put back a hundred times while a board sends: each reading once.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../stack/fleet.ts";
import { Board, balance, startSerialFleet } from "./boards.ts";
import { openCable, sayIfSkipped } from "./cable.ts";
import { generator, printedSeed } from "./chance.ts";

const CYCLES = 100;
const PLUGGED_MS_MAX = 120;
const UNPLUGGED_MS_MAX = 40;
/** The board may be back before the bridge is: it is not to wait long for an answer that cannot come. */
const ACK_TIMEOUT_MS = 100;

test.skipIf(sayIfSkipped("unplugged under load"))(
  "each reading once, however often the cable is pulled",
  async () => {
    const seed = printedSeed("unplugged");
    const random = generator(seed);
    const pause = (msMax: number) => new Promise((done) => setTimeout(done, random() * msMax));
    const folder = await mkdtemp(join(tmpdir(), "muniment-unplugged-"));
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
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        await pause(PLUGGED_MS_MAX);
        if (account.signed.size > account.acknowledged.size) interrupted += 1;
        await cable.unplug();
        await pause(UNPLUGGED_MS_MAX);
        await cable.plug();
        // Under load: each time the line must carry readings again before it is pulled the next time.
        const before = account.acknowledged.size;
        await until("readings after the plug", () => account.acknowledged.size > before);
      }
      board.stop();
      await sending;
      expect(account.acknowledged.size).toBe(account.signed.size);
      expect((await balance(stack.fleet, [account])).trouble).toEqual([]);
      const { counters, problems } = await stack.health();
      console.log(
        `unplugged: ${account.acknowledged.size} readings, ${interrupted} pulls with one on its way; bridge ${JSON.stringify(counters)}`,
      );
      expect(interrupted).toBeGreaterThan(CYCLES / 2);
      expect(counters.lineOpened).toBe(CYCLES + 1);
      expect(problems).toEqual([]);
    } finally {
      await board.close();
      await stack.close();
      await cable.unplug();
      await rm(folder, { recursive: true, force: true });
    }
  },
  180_000,
);
