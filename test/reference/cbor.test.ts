// ledger/core's CBOR against the slow checker, on random values, on damaged encodings, and on every short input.

import {
  type Cbor,
  concat,
  decode,
  type Encodable,
  encode,
  FormatError,
  toHex,
} from "@muniment/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDeterministic } from "./cbor.ts";

const SEED = Number(process.env.MUNIMENT_SEED ?? 20_261_122);
const long = process.env.MUNIMENT_LONG === "1";
const timeout = 600_000;
const options = { seed: SEED, numRuns: long ? 200_000 : 3_000 };

function accepts(bytes: Uint8Array, wholeFloats = true): boolean {
  try {
    decode(bytes, { depthMax: 64, ...(wholeFloats ? { wholeFloats: "anywhere" } : {}) });
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Whether core and the slow checker judge alike, where floats may stand for whole numbers and where they may not. */
function agree(bytes: Uint8Array): boolean {
  return [true, false].every((whole) => accepts(bytes, whole) === isDeterministic(bytes, whole));
}

/** Text without lone surrogates, which have no UTF-8. */
const text = fc
  .string({ unit: "binary", maxLength: 40 })
  .filter((candidate) => !/\p{Cs}/u.test(candidate));
const key = fc.oneof(fc.maxSafeInteger(), text);
const { value } = fc.letrec<{ value: Encodable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc
      .integer({ min: 0, max: 0x7bff })
      .map(
        (half) =>
          decode(Uint8Array.of(0xf9, half >> 8, half & 255), { wholeFloats: "anywhere" }) as number,
      ),
    fc.uint8Array({ maxLength: 300 }),
    text,
    fc.constantFrom(true, false, null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(key, tie("value")), { maxLength: 4, selector: ([k]) => k })
      .map((entries) => new Map<Cbor, Encodable>(entries)),
  ),
}));

/** Numbers and bigints of one value, and -0 and 0, are one thing in CBOR here; maps are compared without their order. */
function plain(item: unknown): unknown {
  if (typeof item === "bigint")
    return item >= -(2n ** 53n) + 1n && item < 2n ** 53n ? Number(item) : item;
  if (Object.is(item, -0)) return 0;
  if (item instanceof Uint8Array) return `h'${toHex(item)}'`;
  if (Array.isArray(item)) return item.map(plain);
  if (item instanceof Map)
    return [...item]
      .map(([k, v]) => [JSON.stringify(k), plain(v)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return item;
}

describe("deterministic CBOR", { timeout }, () => {
  it("what core encodes, the slow checker accepts, and core reads back", () => {
    fc.assert(
      fc.property(value, (item) => {
        const bytes = encode(item);
        expect(isDeterministic(bytes)).toBe(true);
        expect(plain(decode(bytes, { depthMax: 64 }))).toEqual(plain(item));
      }),
      options,
    );
  });

  it("a damaged encoding is accepted by both or by neither", () => {
    const damage = fc.tuple(
      value,
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom("set", "insert", "delete", "cut"),
    );
    let refused = 0;
    fc.assert(
      fc.property(damage, ([item, position, byte, how]) => {
        const bytes = encode(item);
        const at = position % bytes.length;
        const rest = how === "insert" ? at : at + 1;
        const bad =
          how === "cut"
            ? bytes.slice(0, at)
            : concat(
                bytes.slice(0, at),
                how === "delete" ? new Uint8Array(0) : Uint8Array.of(byte),
                bytes.slice(rest),
              );
        if (!accepts(bad)) refused += 1;
        expect(agree(bad), toHex(bad)).toBe(true);
      }),
      { ...options, numRuns: options.numRuns * 2 },
    );
    expect(refused).toBeGreaterThan(options.numRuns / 10);
  });

  it("every input of up to two bytes, and every float of two, has one verdict", () => {
    for (let a = 0; a < 256; a++) {
      expect(agree(Uint8Array.of(a)), toHex(Uint8Array.of(a))).toBe(true);
      for (let b = 0; b < 256; b++) {
        for (const bytes of [Uint8Array.of(a, b), Uint8Array.of(0xf9, a, b)]) {
          if (!agree(bytes)) throw new Error(`verdicts differ on ${toHex(bytes)}`);
        }
      }
    }
  });

  it("single floats around every power of two have one verdict", () => {
    const view = new DataView(new ArrayBuffer(4));
    for (let exponent = 0; exponent < 255; exponent++) {
      for (const mantissa of [
        0, 1, 0x2000, 0x1000, 0x1fff, 0x7fe000, 0x7ff000, 0x7fffff, 0x400000, 0x600000, 0x600001,
      ]) {
        for (const sign of [0, 1]) {
          view.setUint32(0, ((sign << 31) | (exponent << 23) | mantissa) >>> 0);
          const single = concat(Uint8Array.of(0xfa), new Uint8Array(view.buffer.slice(0)));
          if (!agree(single)) throw new Error(`verdicts differ on ${toHex(single)}`);
          const bytes = encode(view.getFloat32(0));
          if (!isDeterministic(bytes))
            throw new Error(`${view.getFloat32(0)} is encoded as ${toHex(bytes)}`);
        }
      }
    }
  });
});
