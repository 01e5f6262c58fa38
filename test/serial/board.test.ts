// The board of the simulator over a cable in memory, on a clock that stands still: when it asks again, and what it believes.

import { afterEach, expect, test } from "vitest";
import {
  type CoapMessage,
  decodeMessage,
  encodeMessage,
  encodeReset,
  uintOption,
} from "../../firmware-bridge/coap.ts";
import { encodeCoapFrame } from "../../firmware-bridge/frame.ts";
import { FrameDecoder } from "../../firmware-bridge/frame-decoder.ts";
import { memoryCable } from "../../firmware-bridge/memory-port.ts";
import type { Clock } from "../../firmware-bridge/ports.ts";
import { openSerialBoard, type SerialBoard } from "../../simulator/serial-publisher.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
let board: SerialBoard | null = null;
afterEach(async () => {
  await board?.close();
  board = null;
});

/** A board, the far end of its line, and its clock. */
async function open() {
  const waiting = new Set<{ readonly at: number; readonly callback: () => void }>();
  let now = 0;
  const clock: Clock = {
    now: () => now,
    after(ms, callback) {
      const one = { at: now + ms, callback };
      waiting.add(one);
      return () => void waiting.delete(one);
    },
  };
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    for (const one of [...waiting].filter(({ at }) => at <= now)) {
      waiting.delete(one);
      one.callback();
    }
    await settle();
  };
  const cable = memoryCable();
  const decoder = new FrameDecoder();
  const asked: CoapMessage[] = [];
  const far = await cable.ends[1]("far", 115_200, {
    received(bytes) {
      for (const frame of decoder.push(bytes)) {
        const message = frame.kind === "coap" ? decodeMessage(frame.message) : null;
        if (message !== null && message.type !== "fault") asked.push(message);
      }
    },
    ended: () => {},
  });
  const results: string[] = [];
  // The least random jitter: ACK_TIMEOUT is 1 s exactly.
  const opened = openSerialBoard({ path: "near", open: cable.ends[0], clock, random: () => 0 });
  board = opened;
  const publisher = opened.publisher({
    onResult: ({ sequence, result }) => results.push(`${sequence} ${result}`),
  });
  await settle();
  const answer = async (code: string, change: Partial<CoapMessage> = {}): Promise<void> => {
    const { messageId, token } = asked.at(-1)!;
    const head = { type: "ACK", code, messageId, token } as const;
    far.write(
      encodeCoapFrame(
        encodeMessage({ ...head, options: [], payload: new Uint8Array(0), ...change }),
      ),
    );
    await settle();
  };
  const send = (sequence: number): Promise<void> => {
    const sending = publisher.send({ sequence, statement: Buffer.from(`statement ${sequence}`) });
    sending.catch(() => {}); // what is still on its way when a test ends
    return sending;
  };
  return { asked, results, answer, pass, publisher, far, cable, send, opened };
}

test("a request is repeated after 1, 2, 4 and 8 seconds under its own id, then asked anew under another", async () => {
  const { asked, pass, send } = await open();
  void send(1);
  await settle();
  const [first] = asked;
  for (const [i, seconds] of [1, 2, 4, 8].entries()) {
    await pass(seconds * 1_000 - 1);
    expect(asked.length).toBe(i + 1);
    await pass(1);
    expect(asked.at(-1)).toEqual(first);
  }
  await pass(16_000);
  expect(asked.length).toBe(6);
  expect(asked.at(-1)?.messageId).not.toBe(first?.messageId);
  expect(asked.at(-1)?.payload).toEqual(first?.payload);
});

test("one request at a time; an answer with another token or id is not its answer", async () => {
  const { asked, answer, send, results } = await open();
  const both = [send(1), send(2)];
  await settle();
  expect(asked.length).toBe(1);
  await answer("2.04", { token: Uint8Array.of(9) });
  await answer("2.04", { messageId: (asked[0]!.messageId + 1) & 0xffff });
  expect(results).toEqual([]);
  await answer("2.04");
  await answer("2.04");
  await Promise.all(both);
  expect(results).toEqual(["1 acknowledged", "2 acknowledged"]);
});

test("a refusal is believed when it was heard twice", async () => {
  const { asked, answer, send, results } = await open();
  const sending = send(1);
  await settle();
  await answer("4.01", { payload: Buffer.from("bad-signature") });
  expect([asked.length, results]).toEqual([2, []]);
  await answer("4.01", { payload: Buffer.from("bad-signature") });
  await sending;
  expect(results).toEqual(["1 bad-signature"]);
});

test("'later' is waited for as long as it says, and then asked in a new message", async () => {
  const { asked, answer, pass, send } = await open();
  void send(1);
  await settle();
  await answer("5.03", { options: [uintOption("Max-Age", 5)] });
  await pass(4_999);
  expect(asked.length).toBe(1);
  await pass(1);
  expect(asked.length).toBe(2);
  expect(asked[1]?.messageId).not.toBe(asked[0]?.messageId);
});

test("a reset is no answer: it is asked again", async () => {
  const { asked, pass, far, send, results } = await open();
  void send(1);
  await settle();
  far.write(encodeCoapFrame(encodeReset(asked[0]!.messageId)));
  await settle();
  await pass(1_000);
  expect([asked.length, results]).toEqual([2, []]);
});

test("a line that comes back is asked at once", async () => {
  const { asked, pass, cable, send } = await open();
  void send(1);
  await settle();
  cable.unplug();
  cable.plug();
  await pass(50);
  // The far end is closed by the unplugging, so what is sent goes nowhere; that it was sent is what counts.
  expect(asked.length).toBe(1);
  expect(board?.counts.requests).toBe(2);
});

test("a statement that fits no frame is refused before it is sent; what a closed board had is given back", async () => {
  const { publisher, send, opened } = await open();
  await expect(
    publisher.send({ sequence: 1, statement: new Uint8Array(1_265) }),
  ).rejects.toMatchObject({ code: "publisher.too-large" });
  const other = opened.publisher();
  const [first, second] = [send(1), other.send({ sequence: 1, statement: new Uint8Array(1_264) })];
  await publisher.close();
  await expect(first).rejects.toMatchObject({ code: "publisher.closed" });
  await opened.close();
  await expect(second).rejects.toMatchObject({ code: "publisher.closed" });
  await expect(send(2)).rejects.toMatchObject({ code: "publisher.closed" });
});
