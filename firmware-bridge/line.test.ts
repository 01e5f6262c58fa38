// The line over a cable in memory: it opens, is lost, and is opened again for as long as it takes.

import { expect, test } from "vitest";
import { encodeCoapFrame } from "./frame.ts";
import { type Line, lineLimits, openLine } from "./line.ts";
import { memoryCable } from "./memory-port.ts";
import type { Clock, OpenPort } from "./ports.ts";

/** A clock that stands until it is moved. */
function standingClock() {
  const waiting: { at: number; readonly callback: () => void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    after(ms, callback) {
      const one = { at: now + ms, callback };
      waiting.push(one);
      return () => void waiting.splice(waiting.indexOf(one) >>> 0, 1);
    },
  };
  return {
    clock,
    waiting,
    async pass(ms: number) {
      now += ms;
      for (const one of waiting.filter(({ at }) => at <= now)) {
        waiting.splice(waiting.indexOf(one), 1);
        one.callback();
      }
      await settle();
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ping = Uint8Array.of(0x40, 0, 0, 1);

function opened(open: OpenPort, clock: Clock) {
  const events: string[] = [];
  const line: Line = openLine({
    ...{ path: "A", baudRate: 115_200, open, clock, random: () => 1, limits: lineLimits },
    on: {
      opened: () => events.push("opened"),
      frame: (frame) => events.push(frame.kind),
      lost: (reason, waitMs) => events.push(`${reason} ${waitMs}`),
    },
  });
  return { line, events };
}

test("frames go through; a frame cut in two by a loss does not reach into the next connection", async () => {
  const { clock, pass } = standingClock();
  const cable = memoryCable();
  const { line, events } = opened(cable.ends[0], clock);
  const far = opened(cable.ends[1], clock);
  await settle();
  expect(line.send(encodeCoapFrame(ping))).toBe(true);
  await settle();
  expect(far.events).toEqual(["opened", "coap"]);

  line.send(encodeCoapFrame(ping).subarray(0, 4));
  await settle();
  cable.unplug();
  expect(events).toEqual(["opened", "unplugged 50"]);
  expect(line.isOpen()).toBe(false);
  expect(line.send(encodeCoapFrame(ping))).toBe(false);
  cable.plug();
  await pass(50);
  line.send(encodeCoapFrame(ping));
  await settle();
  expect(far.events).toEqual(["opened", "coap", "unplugged 50", "opened", "coap"]);
  await line.close();
  await far.line.close();
});

test("the wait doubles up to its limit, and begins anew once the line has spoken", async () => {
  const { clock, pass, waiting } = standingClock();
  const cable = memoryCable();
  cable.unplug();
  const { line, events } = opened(cable.ends[0], clock);
  const waits = [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000];
  await settle();
  for (const ms of waits) await pass(ms);
  expect(events.slice(0, waits.length)).toEqual(
    waits.map((ms) => expect.stringContaining(`unplugged ${ms}`)),
  );
  cable.plug();
  await pass(5_000);
  const far = opened(cable.ends[1], clock);
  await settle();
  far.line.send(encodeCoapFrame(ping));
  await settle();
  cable.unplug();
  expect(events.slice(-3)).toEqual(["opened", "coap", "unplugged 50"]);
  await line.close();
  await far.line.close();
  expect(waiting).toEqual([]);
});

test("what a peer does not read is dropped, not kept", async () => {
  const { clock } = standingClock();
  let written = 0;
  const slow: OpenPort = async () => ({
    write(bytes) {
      written += bytes.length;
    },
    queuedBytes: () => written,
    close: async () => {},
  });
  const { line } = opened(slow, clock);
  await settle();
  const frame = new Uint8Array(40_000);
  expect([line.send(frame), line.send(frame)]).toEqual([true, false]);
  expect(written).toBe(40_000);
  await line.close();
});

test("closing while the port is being opened closes it", async () => {
  const { clock } = standingClock();
  let closed = 0;
  const slow: OpenPort = async () => {
    await settle();
    return {
      write: () => {},
      queuedBytes: () => 0,
      async close() {
        closed += 1;
      },
    };
  };
  const { line, events } = opened(slow, clock);
  await line.close();
  expect([closed, events]).toEqual([1, []]);
});
