// The cable of two pseudo-terminals: bytes come out as they went in, it outlives whoever closes an end, and it ends with its owner.
import { existsSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canJoinPtys, openPtyPair } from "./pty-pair.ts";

const here = canJoinPtys();
if (!here) console.log("SKIPPED: the pty pair of the demo: no socat on this machine");

test.skipIf(!here)(
  "bytes cross as they are, an end may be closed and opened again, stop() leaves nothing",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "muniment-pty-"));
    const pair = await openPtyPair(folder);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (let round = 0; round < 2; round++) {
      const [board, bridge] = await Promise.all([open(pair.board, "r+"), open(pair.bridge, "r+")]);
      await board.write(bytes);
      const came = Buffer.alloc(256);
      let at = 0;
      while (at < came.length) at += (await bridge.read(came, at, came.length - at)).bytesRead;
      expect(came).toEqual(Buffer.from(bytes));
      await Promise.all([board.close(), bridge.close()]);
    }
    await pair.stop();
    expect(existsSync(pair.board)).toBe(false);
    await rm(folder, { recursive: true });
  },
);
