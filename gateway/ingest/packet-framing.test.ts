// MQTT framing, whole and cut at every byte.

import { expect, test } from "vitest";
import { PacketFraming } from "./packet-framing.ts";

const CONNECT = [0x10, 2, 0, 0];

/** The code of feeding the bytes as one chunk, and byte by byte; they must agree. */
function codeOf(bytes: readonly number[], packetBytesMax = 1_000): string | null {
  const whole = new PacketFraming(packetBytesMax).feed(Uint8Array.from(bytes))?.code ?? null;
  const split = new PacketFraming(packetBytesMax);
  let found: string | null = null;
  for (const byte of bytes) found ??= split.feed(Uint8Array.of(byte))?.code ?? null;
  expect(found).toBe(whole);
  return whole;
}

test("packets are counted wherever the chunks are cut", () => {
  const publish = [0x32, 0x82, 0x01, ...new Array<number>(130).fill(7)];
  const bytes = Uint8Array.from([...CONNECT, ...publish, 0xc0, 0, ...publish, 0xe0, 0]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const framing = new PacketFraming(1_000);
    expect(framing.feed(bytes.subarray(0, cut))).toBeNull();
    expect(framing.within).toBe(![0, 4, 137, 139, 272, 274].includes(cut));
    expect(framing.feed(bytes.subarray(cut))).toBeNull();
    expect(framing.packets).toBe(5);
    expect(framing.within).toBe(false);
  }
});

test("the first packet is CONNECT, and no other is", () => {
  expect(codeOf([0x30, 2, 0, 0])).toBe("packet.first");
  expect(codeOf([0x47, 0x45, 0x54])).toBe("packet.first"); // GET
  expect(codeOf([...CONNECT, ...CONNECT])).toBe("packet.first");
});

test("the size is known before the body is there", () => {
  expect(codeOf([0x10, 0xe4, 0x07], 998)).toBe("packet.too-large"); // 3 + 996
  expect(codeOf([0x10, 0xe4, 0x07], 999)).toBeNull();
  expect(codeOf([...CONNECT, 0x32, 0xff, 0xff, 0xff, 0x7f])).toBe("packet.too-large");
  expect(codeOf([0x10, 0x80, 0x80, 0x80, 0x80])).toBe("packet.length");
});

test.each([
  [0x34, "packet.qos2"],
  [0x36, "packet.flags"],
  [0x00, "packet.type"],
  [0xf0, "packet.type"],
  [0x20, "packet.type"],
  [0x50, "packet.type"],
  [0x62, "packet.type"],
  [0x90, "packet.type"],
  [0x80, "packet.flags"],
  [0xc1, "packet.flags"],
  [0x41, "packet.flags"],
])("first byte %i is %s", (byte, code) => {
  expect(codeOf([...CONNECT, byte, 0])).toBe(code);
});

test.each([0x30, 0x31, 0x32, 0x3a, 0x40, 0x82, 0xa2, 0xc0, 0xe0])(
  "first byte %i passes",
  (byte) => {
    expect(codeOf([...CONNECT, byte, 0])).toBeNull();
  },
);
