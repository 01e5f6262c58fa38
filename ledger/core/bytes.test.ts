// Conversions: RFC 4648's vectors, and one spelling only.

import { describe, expect, it } from "vitest";
import {
  compare,
  concat,
  equal,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64,
  toBase64Url,
  toHex,
  u16be,
  u32be,
  u64be,
  utf8,
} from "./bytes.ts";

const refuses = (code: string) => expect.objectContaining({ code });

describe("bytes", () => {
  it("base64 as in RFC 4648 10", () => {
    const vectors = {
      "": "",
      f: "Zg==",
      fo: "Zm8=",
      foo: "Zm9v",
      foob: "Zm9vYg==",
      fooba: "Zm9vYmE=",
      foobar: "Zm9vYmFy",
    };
    for (const [text, base64] of Object.entries(vectors)) {
      expect(toBase64(utf8(text))).toBe(base64);
      expect(fromUtf8(fromBase64(base64))).toBe(text);
      expect(fromUtf8(fromBase64Url(toBase64Url(utf8(text))))).toBe(text);
    }
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(toBase64(all)).toBe(Buffer.from(all).toString("base64"));
    expect(toBase64Url(all)).toBe(Buffer.from(all).toString("base64url"));
    expect(fromBase64(toBase64(all))).toEqual(all);
  });

  it("base64 in any other spelling is refused", () => {
    for (const text of [
      "Zg",
      "Zg=",
      "Zh==",
      "Zm9=",
      "Z===",
      "====",
      "=",
      "Zg==\n",
      " Zg==",
      "Zm-v",
      "Zg==Zg==",
      "Zm 9v",
    ]) {
      expect(() => fromBase64(text), JSON.stringify(text)).toThrow(refuses("bytes.base64"));
    }
    for (const text of ["Zg==", "Zh", "Z", "Zm+v", "Zm/v", "Z g"]) {
      expect(() => fromBase64Url(text), text).toThrow(refuses("bytes.base64"));
    }
  });

  it("hexadecimal: even, digits only", () => {
    expect(toHex(fromHex("00fFa5"))).toBe("00ffa5");
    for (const text of ["0", "0g", "0x", " 00", "00 "])
      expect(() => fromHex(text)).toThrow(refuses("bytes.hex"));
  });

  it("UTF-8: valid only, a byte order mark kept", () => {
    expect(fromUtf8(fromHex("efbbbf61"))).toBe("\ufeffa");
    for (const hex of ["80", "c0af", "eda080", "f4908080", "e282"])
      expect(() => fromUtf8(fromHex(hex)), hex).toThrow(refuses("bytes.utf8"));
  });

  it("order is bytewise, and a prefix comes first", () => {
    const sorted = ["", "00", "0000", "01", "7f", "80", "8000", "ff"];
    for (const [i, a] of sorted.entries()) {
      for (const [j, b] of sorted.entries())
        expect(Math.sign(compare(fromHex(a), fromHex(b))), `${a} ${b}`).toBe(Math.sign(i - j));
    }
    expect(equal(fromHex("0102"), fromHex("0102"))).toBe(true);
    expect(equal(fromHex("0102"), fromHex("010200"))).toBe(false);
    expect(toHex(concat(fromHex("01"), fromHex(""), fromHex("0203")))).toBe("010203");
  });

  it("big-endian numbers up to the edge", () => {
    expect(toHex(u16be(0xfffe))).toBe("fffe");
    expect(toHex(u32be(0xfffefdfc))).toBe("fffefdfc");
    expect(toHex(u64be(Number.MAX_SAFE_INTEGER))).toBe("001fffffffffffff");
    expect(toHex(u64be(2n ** 64n - 1n))).toBe("ffffffffffffffff");
  });
});
