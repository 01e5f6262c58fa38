// CoAP messages: any that can be written is read back, and no bytes get out as an exception.

import { fromHex, toHex } from "@muniment/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CoapMessage,
  decodeHead,
  decodeMessage,
  encodeMessage,
  encodeReset,
  uintOf,
  uintOption,
} from "./coap.ts";

const post: CoapMessage = {
  type: "CON",
  code: "0.02",
  messageId: 0x1234,
  token: fromHex("0102"),
  options: [
    { name: "Uri-Path", value: Buffer.from("r") },
    { name: "Content-Format", value: Uint8Array.of(18) },
  ],
  payload: fromHex("d284"),
};
const POST = "420212340102b17211" + "12ffd284";

describe("messages", () => {
  test("of RFC 7252 figure 16, and ours", () => {
    expect(decodeMessage(fromHex("44017d3471b0c4e1bb74656d7065726174757265"))).toMatchObject({
      type: "CON",
      code: "0.01",
      messageId: 0x7d34,
      options: [{ name: "Uri-Path", value: Buffer.from("temperature") }],
    });
    expect(toHex(encodeMessage(post))).toBe(POST);
    const { token, options, payload, ...head } = post;
    expect(decodeMessage(fromHex(POST))).toEqual({
      ...head,
      token: Buffer.from(token),
      options: options.map(({ name, value }) => ({ name, value: Buffer.from(value) })),
      payload: Buffer.from(payload),
    });
    expect(toHex(encodeReset(0x1234))).toBe("70001234");
  });

  test("any message comes back from its bytes", () => {
    const message = fc.record({
      type: fc.constantFrom("CON", "NON", "ACK", "RST" as const),
      code: fc.constantFrom("0.01", "0.02", "2.04", "4.13", "5.03"),
      messageId: fc.integer({ min: 0, max: 0xffff }),
      token: fc.uint8Array({ maxLength: 8 }),
      options: fc.array(
        fc.record({
          name: fc.constantFrom("Uri-Path", "Max-Age", "Content-Format", "2050", "65001"),
          value: fc.uint8Array({ maxLength: 300 }),
        }),
        { maxLength: 5 },
      ),
      payload: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(message, (value) => {
        const written = encodeMessage(value as CoapMessage);
        const read = decodeMessage(written);
        if (read.type === "fault") throw new Error("a fault");
        expect(toHex(encodeMessage(read))).toBe(toHex(written));
        expect([read.type, read.code, read.messageId]).toEqual([
          value.type,
          value.code,
          value.messageId,
        ]);
        expect(toHex(read.payload)).toBe(toHex(value.payload));
      }),
    );
  });

  test("no bytes get out as an exception, and what is read is written the same", () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      // A good header, so that options and tokens are reached.
      fc
        .uint8Array({ maxLength: 64 })
        .map((rest) => Uint8Array.from([0x40 | ((rest[0] ?? 0) % 9), 2, 0, 7, ...rest])),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        const read = decodeMessage(bytes);
        if (read.type !== "fault") expect(toHex(encodeMessage(read))).toBe(toHex(bytes));
        decodeHead(bytes.length === 0 ? Uint8Array.of(0) : bytes);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("faults", () => {
  test.each([
    ["empty", "", null],
    ["shorter than a header", "4002", null],
    ["another version", "80020007", null],
    ["not confirmable", "50020007ff", null],
    ["a payload marker without a payload", "40020007ff", 7],
    ["a token that is cut off", "4402000701", 7],
    ["a token of 9 bytes", `49020007${"00".repeat(9)}`, 7],
    ["an option that is cut off", "40020007b472", 7],
    ["an option delta of 15", "40020007f0", 7],
    ["an empty message with more in it", "4000000700", 7],
  ])("%s", (_name, hex, resets) => {
    expect(decodeMessage(fromHex(hex))).toEqual({ type: "fault", resets });
  });
});

test("the head of a message that was cut off", () => {
  expect(decodeHead(fromHex(`${POST}0000`))).toEqual({
    type: "CON",
    messageId: 0x1234,
    token: fromHex("0102"),
  });
  for (const hex of [
    "520212340102",
    "424512340102",
    "420012340102",
    "49021234010203",
    "440212340102",
  ])
    expect(decodeHead(fromHex(hex))).toBeNull();
});

test.each([
  [0, ""],
  [18, "12"],
  [255, "ff"],
  [256, "0100"],
  [0xffffffff, "ffffffff"],
])("the unsigned integer %i", (value, hex) => {
  const option = uintOption("Max-Age", value);
  expect(toHex(option.value)).toBe(hex);
  expect(uintOf(option)).toBe(value);
  expect(uintOf({ name: "Max-Age", value: new Uint8Array(5) })).toBeNull();
});
