// Deterministic CBOR (RFC 8949 4.2.1): one value, one encoding. Whatever is signed or hashed passes here.

import { compare, concat, equal, u16be, u32be, u64be, utf8 } from "./bytes.ts";
import { FormatError } from "./errors.ts";

/** What core decodes to: integers beyond ±(2^53 - 1) are bigint, maps are Map, byte strings Uint8Array. */
export type Cbor =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly Cbor[]
  | CborMap;
export type CborMap = ReadonlyMap<Cbor, Cbor>;
/** What core encodes: as Cbor, and records for maps with text keys. */
export type Encodable =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly Encodable[]
  | ReadonlyMap<Cbor, Encodable>
  | { readonly [key: string]: Encodable };

/** Nesting allowed unless the caller says otherwise: formats F1 fixes 8. */
export const DEPTH_MAX = 8;

/** Deterministic encoding. Safe integers are written as integers (-0 as 0), other numbers as the shortest float;
 * NaN, infinities and undefined have no place in a ledger: `cbor.value`. */
export function encode(value: Encodable): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return concat(...parts);
}

function write(value: Encodable, parts: Uint8Array[]): void {
  if (typeof value === "number") parts.push(numberBytes(value));
  else if (typeof value === "bigint") parts.push(integerHead(value));
  else if (typeof value === "string") {
    const bytes = utf8(value);
    parts.push(head(3, bytes.length), bytes);
  } else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (value === false) parts.push(Uint8Array.of(0xf4));
  else if (value === true) parts.push(Uint8Array.of(0xf5));
  else if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const item of value) write(item, parts);
  } else if (typeof value === "object") {
    writeMap(value instanceof Map ? value : Object.entries(value), parts);
  } else throw new FormatError("cbor.value", typeof value);
}

/** RFC 8949 4.2.1: entries in the bytewise order of their encoded keys. */
function writeMap(entries: Iterable<readonly [Cbor, Encodable]>, parts: Uint8Array[]): void {
  const encoded = Array.from(entries, ([key, value]) => {
    if (!isKey(key)) throw new FormatError("cbor.key-type", typeof key);
    return { key: encode(key), value };
  });
  encoded.sort((a, b) => compare(a.key, b.key));
  parts.push(head(5, encoded.length));
  for (const [i, { key, value }] of encoded.entries()) {
    if (i > 0 && equal(key, encoded[i - 1]!.key)) throw new FormatError("cbor.duplicate-key"); // such as 5 and 5n
    parts.push(key);
    write(value, parts);
  }
}

/** Map keys are integers or text: a float key could pass for the integer of the same value. */
function isKey(key: Cbor): boolean {
  return typeof key === "string" || typeof key === "bigint" || Number.isSafeInteger(key);
}

/** The head of a byte string of this length. */
export function byteStringHead(length: number): Uint8Array {
  return head(2, length);
}

/** RFC 8949 3: a head in its shortest form. */
function head(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  if (argument < 0x100) return Uint8Array.of(type | 24, argument);
  if (argument < 0x10000) return concat(Uint8Array.of(type | 25), u16be(argument));
  if (argument < 0x100000000) return concat(Uint8Array.of(type | 26), u32be(argument));
  return concat(Uint8Array.of(type | 27), u64be(argument));
}

function integerHead(value: bigint): Uint8Array {
  const argument = value < 0n ? -1n - value : value;
  if (argument >= 2n ** 64n) throw new FormatError("cbor.value", "an integer beyond 64 bits");
  const major = value < 0n ? 1 : 0;
  if (argument < 0x100000000n) return head(major, Number(argument));
  return concat(Uint8Array.of((major << 5) | 27), u64be(argument));
}

function numberBytes(value: number): Uint8Array {
  if (Number.isSafeInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value);
  if (!Number.isFinite(value)) throw new FormatError("cbor.value", String(value));
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  if (Math.fround(value) !== value) {
    bytes[0] = 0xfb;
    view.setFloat64(1, value);
    return bytes;
  }
  if (!fitsHalf(value)) {
    bytes[0] = 0xfa;
    view.setFloat32(1, value);
    return bytes.slice(0, 5);
  }
  bytes[0] = 0xf9;
  view.setUint16(1, numberToHalf(value));
  return bytes.slice(0, 3);
}

/** How decode() reads. */
export interface DecodeOptions {
  /** Levels of nesting allowed; DEPTH_MAX by default. */
  readonly depthMax?: number;
  /** Byte strings are parts of the input instead of copies. */
  readonly views?: boolean;
  /** Where a float may stand for a whole number, as f94d40 for 21: under these map keys, or anywhere. By default nowhere:
   * where a format has integers, a value has one encoding. */
  readonly wholeFloats?: ReadonlySet<Cbor> | "anywhere";
}

/** Decodes one item that spans all bytes and is encoded deterministically. The check is a walk over the
 * bytes themselves, not a comparison with a re-encoding: an honest device may write its measured 21.0 as a float.
 * Errors: `cbor.*`. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Cbor {
  const reader = new Reader(bytes, options);
  const value = reader.item(0, reader.anywhere);
  if (reader.at !== bytes.length)
    throw new FormatError("cbor.trailing", `${bytes.length - reader.at} bytes`);
  return value;
}

const NOWHERE: ReadonlySet<Cbor> = new Set();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly depthMax: number;
  readonly views: boolean;
  readonly anywhere: boolean;
  readonly wholeUnder: ReadonlySet<Cbor>;
  at = 0;

  constructor(bytes: Uint8Array, { depthMax, views, wholeFloats = NOWHERE }: DecodeOptions) {
    // A Buffer's slice() would alias what it is cut from; a plain view's copies.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.depthMax = depthMax ?? DEPTH_MAX;
    this.views = views ?? false;
    this.anywhere = wholeFloats === "anywhere";
    this.wholeUnder = wholeFloats === "anywhere" ? NOWHERE : wholeFloats;
  }

  /** `whole`: whether a float may stand here for a whole number. */
  item(depth: number, whole: boolean): Cbor {
    if (depth > this.depthMax)
      throw new FormatError("cbor.depth", `more than ${this.depthMax} levels`);
    const initial = this.bytes[this.take(1)]!;
    const major = initial >> 5;
    if (major === 7) return this.simpleOrFloat(initial & 31, whole);
    const argument = this.argument(initial & 31);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return typeof argument === "bigint" || argument === Number.MAX_SAFE_INTEGER
          ? -1n - BigInt(argument)
          : -1 - argument;
      case 2: {
        const start = this.take(this.length(argument));
        return this.views ? this.bytes.subarray(start, this.at) : this.bytes.slice(start, this.at);
      }
      case 3:
        return this.text(this.length(argument));
      case 4: {
        const items: Cbor[] = [];
        for (let left = this.length(argument); left > 0; left--)
          items.push(this.item(depth + 1, this.anywhere));
        return items;
      }
      case 5:
        return this.map(this.length(argument), depth);
      default:
        throw new FormatError("cbor.tag", `tag ${argument}`);
    }
  }

  private take(count: number): number {
    const start = this.at;
    if (count > this.bytes.length - start)
      throw new FormatError("cbor.truncated", `at byte ${this.bytes.length}`);
    this.at = start + count;
    return start;
  }

  /** RFC 8949 3: the argument of a head, refused unless in its shortest form (4.2.1). */
  private argument(information: number): number | bigint {
    if (information < 24) return information;
    if (information === 31) throw new FormatError("cbor.indefinite", `at byte ${this.at - 1}`);
    if (information > 27)
      throw new FormatError("cbor.reserved", `additional information ${information}`);
    const size = 1 << (information - 24);
    const start = this.take(size);
    const value =
      size === 1
        ? this.view.getUint8(start)
        : size === 2
          ? this.view.getUint16(start)
          : size === 4
            ? this.view.getUint32(start)
            : this.view.getBigUint64(start);
    const least = size === 1 ? 24 : size === 2 ? 0x100 : size === 4 ? 0x10000 : 0x100000000;
    if (value < least) throw new FormatError("cbor.shortest", `${value} in ${size} bytes`);
    return typeof value === "bigint" && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  /** A length can never exceed what is left, so no size is believed before its bytes are there. */
  private length(argument: number | bigint): number {
    if (argument > this.bytes.length - this.at)
      throw new FormatError("cbor.truncated", `at byte ${this.bytes.length}`);
    return Number(argument);
  }

  private text(length: number): string {
    const start = this.take(length);
    try {
      return strictUtf8.decode(this.bytes.subarray(start, this.at));
    } catch (cause) {
      throw new FormatError("cbor.utf8", `at byte ${start}`, { cause });
    }
  }

  private map(count: number, depth: number): CborMap {
    const map = new Map<Cbor, Cbor>();
    let previous: Uint8Array | null = null;
    for (let left = count; left > 0; left--) {
      const start = this.at;
      const key = this.item(depth + 1, true);
      if (this.bytes[start]! >> 5 > 1 && typeof key !== "string")
        throw new FormatError("cbor.key-type", `at byte ${start}`);
      const encoded = this.bytes.subarray(start, this.at);
      if (previous !== null) {
        const order = compare(previous, encoded);
        if (order === 0) throw new FormatError("cbor.duplicate-key", `at byte ${start}`);
        if (order > 0) throw new FormatError("cbor.key-order", `at byte ${start}`);
      }
      previous = encoded;
      map.set(key, this.item(depth + 1, this.anywhere || this.wholeUnder.has(key)));
    }
    return map;
  }

  private simpleOrFloat(information: number, whole: boolean): Cbor {
    switch (information) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 25:
      case 26:
      case 27:
        return this.float(information, whole);
      case 31:
        throw new FormatError("cbor.reserved", `break at byte ${this.at - 1}`);
      default:
        throw new FormatError(
          information > 27 ? "cbor.reserved" : "cbor.simple",
          `simple value ${information}`,
        );
    }
  }

  private float(information: number, whole: boolean): number {
    const value = this.shortestFloat(information);
    // Beyond 2^53 a number that is no bigint has no other encoding than a float.
    if (!whole && Number.isSafeInteger(value)) throw new FormatError("cbor.integer", `${value}`);
    return value;
  }

  private shortestFloat(information: number): number {
    if (information === 25) {
      const half = this.view.getUint16(this.take(2));
      if ((half & 0x7c00) === 0x7c00) throw new FormatError("cbor.float", "not finite");
      return halfToNumber(half);
    }
    const value =
      information === 26 ? this.view.getFloat32(this.take(4)) : this.view.getFloat64(this.take(8));
    if (!Number.isFinite(value)) throw new FormatError("cbor.float", "not finite");
    const shorter = information === 26 ? fitsHalf(value) : Object.is(Math.fround(value), value);
    if (shorter) throw new FormatError("cbor.float", `${value} has a shorter form`);
    return value;
  }
}

/** IEEE 754 binary16 to number (RFC 8949 appendix D). */
function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  const magnitude = exponent === 0 ? mantissa * 2 ** -24 : (mantissa + 1024) * 2 ** (exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

/** IEEE 754 binary16 of a value that fitsHalf() and is not zero. */
function numberToHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | ((exponent + 15) << 10) | (magnitude * 2 ** (10 - exponent) - 1024);
}

/** Whether a binary32 value has an exact binary16 form. */
function fitsHalf(value: number): boolean {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return true;
  if (magnitude > 65504 || magnitude < 2 ** -24) return false;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  return Number.isInteger(magnitude * 2 ** (10 - exponent));
}
