// Deterministic CBOR: RFC 8949 4.2.1 rule by rule, each refusal by its code. Random inputs: test/reference.

import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "./bytes.ts";
import { type Cbor, decode, type Encodable, encode } from "./cbor.ts";

const codeOf = (hex: string, depthMax?: number): string | null => {
  try {
    decode(fromHex(hex), depthMax === undefined ? {} : { depthMax });
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe("decode", () => {
  it("reads what is deterministic", () => {
    const accepted: readonly (readonly [hex: string, value: unknown])[] = [
      ["00", 0],
      ["17", 23],
      ["1818", 24],
      ["1b001fffffffffffff", Number.MAX_SAFE_INTEGER],
      ["1b0020000000000000", 2n ** 53n],
      ["1bffffffffffffffff", 2n ** 64n - 1n],
      ["20", -1],
      ["3b001ffffffffffffe", -Number.MAX_SAFE_INTEGER],
      ["3b001fffffffffffff", -(2n ** 53n)],
      ["3bffffffffffffffff", -(2n ** 64n)],
      ["f93e00", 1.5],
      ["f90001", 2 ** -24],
      ["f903ff", 1023 * 2 ** -24],
      ["fa5a000000", 2 ** 53],
      ["fb3ff199999999999a", 1.1],
      ["40", new Uint8Array(0)],
      ["6161", "a"],
      ["80", []],
      ["a0", new Map()],
      [
        "a301f420f56161f6",
        new Map<Cbor, Cbor>([
          [1, false],
          [-1, true],
          ["a", null],
        ]),
      ],
    ];
    for (const [hex, value] of accepted) expect(decode(fromHex(hex)), hex).toEqual(value);
  });

  it("refuses everything else, with the code that says why", () => {
    const refused: Readonly<Record<string, readonly string[]>> = {
      "cbor.truncated": [
        "",
        "18",
        "19ff",
        "41",
        "62c3",
        "81",
        "a1",
        "a100",
        "5bffffffffffffffff",
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "fa0000",
      ],
      "cbor.trailing": ["0000", "a000", "f6f6"],
      "cbor.reserved": ["1c", "1d", "1e", "5c", "fc", "ff", "a100ff", "81ff"],
      "cbor.indefinite": ["5f4100ff", "7f6161ff", "9fff", "bfff", "1f", "3f"],
      "cbor.shortest": [
        "1817",
        "190017",
        "1900ff",
        "1a0000ffff",
        "1b00000000ffffffff",
        "3817",
        "5800",
        "7800",
        "9800",
        "b800",
      ],
      "cbor.key-order": [
        "a201000000",
        "a22000" + "0000",
        "a2616200616100",
        "a26261610061" + "6200",
      ],
      "cbor.duplicate-key": ["a200000000", "a2616100616101"],
      "cbor.key-type": ["a1f93c0000", "a14000", "a18000", "a1a000", "a1f600", "a201f6f93c00f6"],
      "cbor.utf8": ["62c328", "61ff", "63eda080"],
      "cbor.tag": ["c000", "d28440a04040", "d818" + "4100"],
      "cbor.simple": ["f7", "e0", "f0", "f818", "f8ff"],
      "cbor.float": [
        "f97c00",
        "f97e00",
        "f9fc00",
        "fa3fc00000",
        "fa47000000",
        "fb3ff8000000000000",
        "fb7ff8000000000000",
        "fa7f800000",
        "fa34400000",
      ],
      "cbor.integer": [
        "f94d40",
        "f90000",
        "f98000",
        "f97bff",
        "fa47800000",
        "fbc33fffffffffffff",
        "81f94d40",
        "a101f94d40",
      ],
    };
    for (const [code, inputs] of Object.entries(refused)) {
      for (const hex of inputs) expect(codeOf(hex), hex).toBe(code);
    }
  });

  it("reads a float for a whole number only where it may stand", () => {
    const under = { wholeFloats: new Set<Cbor>([2]) };
    expect(decode(fromHex("a202f94d4003f93e00"), under)).toEqual(
      new Map([
        [2, 21],
        [3, 1.5],
      ]),
    );
    for (const hex of ["a103f94d40", "a10281f94d40", "f94d40"])
      expect(() => decode(fromHex(hex), under), hex).toThrow(
        expect.objectContaining({ code: "cbor.integer" }),
      );
    const anywhere = { wholeFloats: "anywhere" } as const;
    for (const [hex, value] of [
      ["f94d40", 21],
      ["fa47800000", 65_536],
      ["fbc33fffffffffffff", -(2 ** 53 - 1)],
    ] as const)
      expect(decode(fromHex(`81${hex}`), anywhere), hex).toEqual([value]);
    expect(() => decode(fromHex("a1f93c0000"), anywhere)).toThrow(
      expect.objectContaining({ code: "cbor.key-type" }),
    );
  });

  it("counts nesting, and never recurses beyond it", () => {
    const nested = (levels: number): string => `${"81".repeat(levels)}00`;
    expect(codeOf(nested(8))).toBeNull();
    expect(codeOf(nested(9))).toBe("cbor.depth");
    expect(codeOf(nested(100_000))).toBe("cbor.depth");
    expect(codeOf(nested(2), 1)).toBe("cbor.depth");
    expect(codeOf(`${"a100".repeat(9)}00`)).toBe("cbor.depth");
  });

  it("gives bytes of its own: a later change of the input does not show", () => {
    const input = fromHex("4401020304");
    const value = decode(input) as Uint8Array;
    input.fill(0);
    expect(toHex(value)).toBe("01020304");
  });
});

describe("encode", () => {
  it("writes the one encoding of each value", () => {
    const written: readonly (readonly [value: Encodable, hex: string])[] = [
      [21, "15"],
      [-0, "00"],
      [21.5, "f94d60"],
      [0.1, "fb3fb999999999999a"],
      [2 ** -24, "f90001"],
      [3 * 2 ** -24, "f90003"],
      [-3 * 2 ** -24, "f98003"],
      [2 ** -14, "f90400"],
      [2 ** -25, "fa33000000"],
      [65_504.5, "fa477fe080"],
      [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
      [2 ** 53, "fa5a000000"],
      [2n ** 53n, "1b0020000000000000"],
      [24n, "1818"],
      [-(2n ** 64n), "3bffffffffffffffff"],
      ["ü", "62c3bc"],
      [[1, [2]], "82018102"],
      [{ b: 1, a: 2, aa: 0 }, "a3616102616201" + "62616100"],
      [
        new Map<Cbor, Encodable>([
          ["a", 1],
          [-1, 2],
          [256, 3],
          [10, 4],
        ]),
        "a40a04190100032002616101",
      ],
    ];
    for (const [value, hex] of written) expect(toHex(encode(value)), String(value)).toBe(hex);
  });

  it("refuses what has no encoding", () => {
    const refused: readonly unknown[] = [
      Number.NaN,
      Infinity,
      -Infinity,
      undefined,
      2n ** 64n,
      -(2n ** 64n) - 1n,
      { a: undefined },
      [Number.NaN],
      Symbol("a"),
      () => 0,
    ];
    for (const value of refused)
      expect(() => encode(value as Encodable), String(value)).toThrow(
        expect.objectContaining({ code: "cbor.value" }),
      );
    expect(() => encode(new Map([[1.5, 0]]))).toThrow(
      expect.objectContaining({ code: "cbor.key-type" }),
    );
    expect(() =>
      encode(
        new Map<Cbor, Encodable>([
          [5, 0],
          [5n, 1],
        ]),
      ),
    ).toThrow(expect.objectContaining({ code: "cbor.duplicate-key" }));
  });
});
