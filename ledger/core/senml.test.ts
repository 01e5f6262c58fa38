// SenML packs (RFC 8428): resolving, and each refusal. The RFC's own examples: test/conformance.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cbor, decode, type Encodable, encode } from "./cbor.ts";
import { decodePack, encodePack, type SenmlRecord } from "./senml.ts";

const T = 1_767_225_600;
const pack = (...records: readonly (readonly (readonly [Cbor, Encodable])[])[]): Uint8Array =>
  encode(records.map((entries) => new Map(entries)));
const codeOf = (bytes: Uint8Array): string | null => {
  try {
    decodePack(bytes);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe("decodePack", () => {
  it("resolves bases as RFC 8428 4.6", () => {
    const bytes = pack(
      [
        [-2, "urn:dev:1:"],
        [-3, T],
        [-4, "W"],
        [-5, 100],
        [-6, 10],
        [0, "a"],
        [2, 1],
        [5, 2],
      ],
      [
        [0, "b"],
        [6, 60],
        [1, "Cel"],
        [2, 2.5],
      ],
      [
        [-2, "other"],
        [-3, T + 10],
        [6, -5],
        [2, 0],
      ],
      [
        [0, "-flag"],
        [4, true],
      ],
    );
    expect(decodePack(bytes)).toEqual([
      { name: "urn:dev:1:a", unit: "W", time: T, value: 101, sum: 12 },
      { name: "urn:dev:1:b", unit: "Cel", time: T + 60, value: 102.5, sum: 10 },
      { name: "other", unit: "W", time: T + 5, value: 100, sum: 10 },
      { name: "other-flag", unit: "W", time: T + 10, value: true, sum: 10 },
    ]);
  });

  it("takes each kind of value, a sum alone, and a float of a whole number", () => {
    const bytes = pack(
      [
        [0, "a"],
        [-3, T],
        [3, "text"],
      ],
      [
        [0, "a"],
        [4, false],
      ],
      [
        [0, "a"],
        [8, Uint8Array.of(1)],
      ],
      [
        [0, "a"],
        [5, 7],
      ],
    );
    expect(decodePack(bytes).map(({ value, sum }) => value ?? sum)).toEqual([
      "text",
      false,
      Uint8Array.of(1),
      7,
    ]);
    const float = Uint8Array.from([
      0x81, 0xa4, 0x00, 0x61, 0x61, 0x02, 0xf9, 0x4d, 0x40, 0x06, 0x1a, 0x69, 0x55, 0xb9, 0x00,
      0x22, 0x00,
    ]);
    expect(decodePack(float)).toEqual([{ name: "a", time: T, value: 21 }]);
  });

  it("takes secondary units only under version 26", () => {
    const record = [
      [0, "a"],
      [1, "kWh"],
      [2, 1],
      [-3, T],
    ] as const;
    expect(codeOf(pack(record))).toBe("senml.unit");
    expect(codeOf(pack([[-1, 10], ...record]))).toBe("senml.unit");
    expect(codeOf(pack([[-1, 26], ...record]))).toBeNull();
  });

  it("takes times relative to when the pack was sent (RFC 8428 4.5.3)", () => {
    const bytes = pack(
      [
        [0, "a"],
        [2, 1],
        [6, -60],
      ],
      [
        [0, "a"],
        [2, 2],
        [-3, -30],
        [6, 29.5],
      ],
      [
        [0, "b"],
        [2, 3],
        [-3, 0],
      ],
    );
    expect(decodePack(bytes).map(({ time }) => time)).toEqual([-60, -0.5, 0]);
  });

  it("refuses everything else, with the code that says why", () => {
    const base: readonly (readonly [Cbor, Encodable])[] = [
      [0, "a"],
      [2, 1],
      [-3, T],
    ];
    const refused: Readonly<Record<string, readonly Uint8Array[]>> = {
      "senml.structure": [
        encode([]),
        encode({}),
        encode([1]),
        encode(Array.from({ length: 257 }, () => new Map(base))),
      ],
      "senml.label": [
        pack([...base, [9, 1]]),
        pack([...base, ["l", "x"]]),
        pack([...base, ["x_", 1]]),
      ],
      "senml.version": [
        pack([...base, [-1, 5]]),
        pack([...base, [-1, 27]]),
        pack(base, [
          [-1, 26],
          [0, "b"],
          [2, 1],
        ]),
      ],
      "senml.name": [
        pack([
          [2, 1],
          [-3, T],
        ]),
        pack([
          [0, ""],
          [2, 1],
          [-3, T],
        ]),
        pack([
          [0, "-a"],
          [2, 1],
          [-3, T],
        ]),
        pack([
          [0, "a b"],
          [2, 1],
          [-3, T],
        ]),
        pack([
          [0, "ä"],
          [2, 1],
          [-3, T],
        ]),
        pack([
          [0, 5],
          [2, 1],
          [-3, T],
        ]),
        pack([
          [0, "a".repeat(129)],
          [2, 1],
          [-3, T],
        ]),
      ],
      "senml.unit": [
        pack([...base, [1, "furlong"]]),
        pack([...base, [1, 5]]),
        pack([...base, [1, "°C"]]),
      ],
      "senml.value": [
        pack([
          [-5, 1e308],
          [-3, T],
          [0, "a"],
          [2, 1e308],
        ]),
        pack([
          [-6, 1e308],
          [-3, T],
          [0, "a"],
          [5, 1e308],
        ]),
        pack([
          [0, "a"],
          [-3, T],
        ]),
        pack([...base, [3, "x"]]),
        pack([...base, [4, true]]),
        pack([
          [0, "a"],
          [-3, T],
          [2, "1"],
        ]),
        pack([
          [0, "a"],
          [-3, T],
          [2, 2n ** 60n],
        ]),
        pack([
          [0, "a"],
          [-3, T],
          [3, 1],
        ]),
        pack([
          [0, "a"],
          [-3, T],
          [4, 1],
        ]),
        pack([
          [0, "a"],
          [-3, T],
          [8, "x"],
        ]),
      ],
      "cbor.integer": [
        Uint8Array.of(0x81, 0xa3, 0x00, 0x61, 0x61, 0x02, 0x01, 0x20, 0xf9, 0x4e, 0x80), // version 26.0
      ],
      "senml.time": [
        pack([
          [0, "a"],
          [2, 1],
          [6, 1],
        ]),
        pack([
          [0, "a"],
          [2, 1],
          [6, -(2 ** 28)],
        ]),
        pack(base, [
          [0, "b"],
          [2, 1],
          [6, -T],
        ]),
        pack([
          [0, "a"],
          [2, 1],
          [6, 0.5],
        ]),
        pack([
          [0, "a"],
          [2, 1],
          [6, 2 ** 28 - 1],
        ]),
        pack([
          [0, "a"],
          [2, 1],
          [6, 2 ** 41],
        ]),
        pack([
          [0, "a"],
          [2, 1],
          [6, "now"],
        ]),
      ],
    };
    for (const [code, packs] of Object.entries(refused)) {
      for (const bytes of packs)
        expect(codeOf(bytes), Buffer.from(bytes).toString("hex").slice(0, 80)).toBe(code);
    }
    expect(
      codeOf(
        pack([
          [0, "a"],
          [2, 1],
          [6, 2 ** 28],
        ]),
      ),
    ).toBeNull();
    expect(codeOf(encode(Array.from({ length: 256 }, () => new Map(base))))).toBeNull();
  });
});

describe("encodePack", () => {
  it("is read back as the same records, whatever their times", () => {
    const time = fc.oneof(
      fc.integer({ min: 2 ** 28, max: 2 ** 40 - 1 }),
      fc.double({ min: 2 ** 28, max: 2 ** 40 - 1, noNaN: true }),
    );
    const record = fc
      .record({
        name: fc.constantFrom("temperature", "energy", "a"),
        unit: fc.constantFrom("Cel", "kWh", "J", undefined),
        value: fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.string({ unit: "grapheme-ascii" }),
        ),
        time,
      })
      .map(
        ({ unit, value, ...rest }): SenmlRecord => ({
          ...rest,
          value: Object.is(value, -0) ? 0 : value,
          ...(unit === undefined ? {} : { unit }),
        }),
      );
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (records) => {
        expect(decodePack(encodePack(records))).toEqual(records);
      }),
      { seed: 20_261_122, numRuns: 1_000 },
    );
  });

  it("of relative times has no base time", () => {
    const records = [-60, -0.25, 0].map((time) => ({ name: "a", value: time, time }));
    const bytes = encodePack(records);
    expect(decodePack(bytes)).toEqual(records);
    expect(decode(bytes)).toEqual(
      records.map(
        ({ name, value, time }) =>
          new Map<Cbor, Cbor>([[0, name], [2, value], ...(time === 0 ? [] : [[6, time] as const])]),
      ),
    );
  });

  it("of no records or too many is refused", () => {
    const record = { name: "a", value: 1, time: T };
    for (const records of [[], Array.from({ length: 257 }, () => record)]) {
      expect(() => encodePack(records)).toThrow(
        expect.objectContaining({ code: "senml.structure" }),
      );
    }
  });
});
