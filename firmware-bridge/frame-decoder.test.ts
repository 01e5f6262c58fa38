// The decoder: every frame comes out as it went in, however the bytes are cut; what is no frame comes out with a reason.

import { fromHex } from "@muniment/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeCoapFrame, encodeDiagnosticFrame, frameBytesMax, messageBytesMax } from "./frame.ts";
import { type Frame, FrameDecoder } from "./frame-decoder.ts";

const decode = (...chunks: readonly Uint8Array[]): Frame[] => {
  const decoder = new FrameDecoder();
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
};
const bytes = (hex: string): Uint8Array => fromHex(hex);
const ping = bytes("40000001");
/** A frame longer than allowed, as a board would send it that does not know the limit. */
const longFrame = (length: number): Uint8Array => {
  const content = encodeCoapFrame(new Uint8Array(4)).slice(1, -3); // a9 00 00 00 00
  const body = Uint8Array.from([0xa9, ...bytes("42020007aabb"), ...new Uint8Array(length)]);
  expect(content[0]).toBe(0xa9);
  let fcs = 0xffff;
  for (const byte of body) {
    fcs ^= byte;
    for (let bit = 0; bit < 8; bit++) fcs = fcs & 1 ? (fcs >>> 1) ^ 0x8408 : fcs >>> 1;
  }
  fcs ^= 0xffff;
  return Uint8Array.from([0xc0, ...body, fcs & 0xff, fcs >>> 8, 0xc0]);
};

describe("frames", () => {
  test("of the vectors", () => {
    expect(decode(bytes("c0a940000001e973c0"))).toEqual([{ kind: "coap", message: ping }]);
    expect(decode(bytes("c00a626f6f740ac0"))).toEqual([{ kind: "diagnostic", text: "boot\n" }]);
  });

  test("one delimiter between two frames is enough; empty frames are nothing", () => {
    const frame = encodeCoapFrame(ping);
    const one = { kind: "coap", message: ping };
    expect(decode(frame.slice(0, -1), frame, bytes("c0c0c0"), frame.slice(1))).toEqual([
      one,
      one,
      one,
    ]);
  });

  test("any messages come out in order, byte by byte and in any chunks", () => {
    const message = fc.uint8Array({ minLength: 4, maxLength: 200 });
    const item = fc.oneof(
      message.map((value) => ({
        frame: encodeCoapFrame(value),
        expected: { kind: "coap", message: value },
      })),
      fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => ({
        frame: encodeDiagnosticFrame(text),
        expected: { kind: "diagnostic", text },
      })),
      fc.constant({ frame: Uint8Array.of(0xc0), expected: null }),
    );
    const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), cuts, (items, sizes) => {
        const stream = Buffer.concat(items.map(({ frame }) => frame));
        const expected = items.flatMap((one) => (one.expected === null ? [] : [one.expected]));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        chunks.push(stream.subarray(at));
        expect(decode(...chunks)).toEqual(expected);
        expect(decode(...Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(expected);
      }),
    );
  });

  test("noise gives the same frames and discards, however it is cut", () => {
    // Few values, so that delimiters, escapes and types are frequent.
    const noise = fc.array(fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd, 0xa9, 0x0a, 0x45, 0x00, 0x77), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 50 }), (values, size) => {
        const stream = Uint8Array.from(values);
        const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
          stream.subarray(i * size, (i + 1) * size),
        );
        expect(decode(...chunks)).toEqual(decode(stream));
      }),
    );
  });
});

describe("discards", () => {
  test.each([
    ["fcs", "c0a940000001e974c0", 7],
    ["short", "c0a94000e973c0", 5],
    ["escape", "c0a9dbaa40000001e973c0", 8],
    ["aborted", "c0a940000001dbc0", 5],
    ["aborted", "c0dbc0", 0],
    ["ip", "c0450001c0", 3],
    ["ip", "c06f00c0", 2],
    ["type", "c0ff00c0", 2],
    ["type", "c0500001c0", 3],
  ])("%s", (reason, hex, length) => {
    expect(decode(bytes(hex), encodeCoapFrame(ping))).toEqual([
      { kind: "discarded", reason, bytes: length },
      { kind: "coap", message: ping },
    ]);
  });

  test("what came before the first delimiter is one of them", () => {
    expect(decode(bytes("010203"), encodeCoapFrame(ping))).toEqual([
      { kind: "discarded", reason: "type", bytes: 3 },
      { kind: "coap", message: ping },
    ]);
  });

  test("too long, with noise in it or without a delimiter for ever", () => {
    const noisy = longFrame(frameBytesMax);
    noisy[900] = 1;
    expect(decode(noisy)).toMatchObject([{ kind: "discarded", reason: "too-long" }]);
    expect(decode(new Uint8Array(1_000_000).fill(0xdc), Uint8Array.of(0xc0))).toEqual([
      { kind: "discarded", reason: "too-long", bytes: 1_000_000 },
    ]);
    expect(
      decode(
        encodeDiagnosticFrame("x".repeat(1_270)).slice(0, -1),
        Buffer.from("more than fits"),
        Uint8Array.of(0xc0),
      ),
    ).toMatchObject([{ reason: "too-long" }]);
  });

  test("too long, but whole: its beginning tells whom to answer", () => {
    const [frame] = decode(longFrame(frameBytesMax));
    if (frame?.kind !== "oversize") throw new Error(`found ${frame?.kind}`);
    expect(Buffer.from(frame.head.subarray(0, 6)).toString("hex")).toBe("42020007aabb");
    expect(frame.bytes).toBe(1 + 6 + frameBytesMax + 2);
    expect(frame.head.length).toBeLessThan(frameBytesMax);
  });

  test("the longest message is not too long", () => {
    const message = new Uint8Array(messageBytesMax).fill(0xc0);
    expect(decode(encodeCoapFrame(message))).toEqual([{ kind: "coap", message }]);
  });
});
