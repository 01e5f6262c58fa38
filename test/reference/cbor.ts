// Deterministic CBOR checked the slow way: decode to a tree of heads, write every head again in its preferred
// form, sort, and compare with what was read (RFC 8949 4.2.1). The oracle for ledger/core's walk over the bytes, so it
// takes nothing from there. It checks encoding only, and knows no limit of depth.

/** An item as read: its major type and argument, and what it contains. */
interface Item {
  readonly major: number;
  readonly argument: bigint;
  readonly float: number | null;
  readonly bytes: Uint8Array;
  readonly children: readonly Item[];
}

class Refused extends Error {}

/** Whether the bytes are exactly one item in deterministic encoding, of the types that the ledger uses: integers of 64
 * bits, finite floats, byte and text strings, arrays, maps with integer or text keys, false, true and null. Without
 * `wholeFloats`, no float stands for a whole number below 2^53. */
export function isDeterministic(bytes: Uint8Array, wholeFloats = true): boolean {
  try {
    const [item, end] = read(bytes, 0);
    if (!wholeFloats && hasWholeFloat(item)) return false;
    return end === bytes.length && hex(write(item)) === hex(bytes);
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

function hasWholeFloat({ float, children }: Item): boolean {
  const whole = float !== null && Math.trunc(float) === float && Math.abs(float) < 2 ** 53;
  return whole || children.some(hasWholeFloat);
}

function read(input: Uint8Array, start: number): [Item, number] {
  let at = start;
  const take = (count: bigint): Uint8Array => {
    if (count > BigInt(input.length - at)) throw new Refused();
    at += Number(count);
    return input.slice(at - Number(count), at);
  };
  const initial = take(1n)[0]!;
  const major = initial >> 5;
  const information = initial & 31;
  if (information > 27) throw new Refused();
  const following = information < 24 ? new Uint8Array(0) : take(1n << BigInt(information - 24));
  const argument = information < 24 ? BigInt(information) : BigInt(`0x${hex(following)}`);
  const item = { major, argument, float: null, bytes: new Uint8Array(0), children: [] as Item[] };
  if (major <= 1) return [item, at];
  if (major === 2 || major === 3) return [{ ...item, bytes: take(argument) }, at];
  if (major === 6) throw new Refused();
  if (major === 7) {
    if (information >= 25) return [{ ...item, float: toNumber(following) }, at];
    if (information < 20 || information > 22) throw new Refused();
    return [item, at];
  }
  const count = major === 4 ? argument : argument * 2n;
  for (let i = 0n; i < count; i++) {
    const [child, end] = read(input, at);
    item.children.push(child);
    at = end;
  }
  return [item, at];
}

function write(item: Item): Uint8Array {
  if (item.float !== null) return shortestFloat(item.float);
  if (
    item.major === 3 &&
    Buffer.from(Buffer.from(item.bytes).toString("utf8"), "utf8").compare(item.bytes) !== 0
  )
    throw new Refused();
  const parts = [shortestHead(item.major, item.argument), item.bytes];
  if (item.major !== 5) return Buffer.concat([...parts, ...item.children.map(write)]);
  const entries: { key: Uint8Array; value: Uint8Array }[] = [];
  for (let i = 0; i < item.children.length; i += 2) {
    const key = item.children[i]!;
    if (key.major !== 0 && key.major !== 1 && key.major !== 3) throw new Refused();
    entries.push({ key: write(key), value: write(item.children[i + 1]!) });
  }
  entries.sort((a, b) => Buffer.compare(a.key, b.key));
  if (new Set(entries.map(({ key }) => hex(key))).size !== entries.length) throw new Refused();
  return Buffer.concat([...parts, ...entries.flatMap(({ key, value }) => [key, value])]);
}

function shortestHead(major: number, argument: bigint): Uint8Array {
  if (argument < 24n) return Uint8Array.of((major << 5) | Number(argument));
  for (const [information, width] of [
    [24, 1],
    [25, 2],
    [26, 4],
    [27, 8],
  ] as const) {
    if (argument < 1n << BigInt(8 * width)) {
      const digits = argument.toString(16).padStart(2 * width, "0");
      return Buffer.concat([Uint8Array.of((major << 5) | information), Buffer.from(digits, "hex")]);
    }
  }
  throw new Refused();
}

/** Every binary16 value, once: which of them a number is, if any, is looked up rather than computed. */
const HALVES: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 65_536 }, (_, half) => [
    numberKey(toNumber(Uint8Array.of(half >> 8, half & 255), true)),
    half,
  ]),
);

function numberKey(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function shortestFloat(value: number): Uint8Array {
  const half = HALVES.get(numberKey(value));
  if (half !== undefined) return Uint8Array.of(0xf9, half >> 8, half & 255);
  const single = Buffer.alloc(5);
  single[0] = 0xfa;
  single.writeFloatBE(value, 1);
  if (single.readFloatBE(1) === value) return single;
  const double = Buffer.alloc(9);
  double[0] = 0xfb;
  double.writeDoubleBE(value, 1);
  return double;
}

function toNumber(bytes: Uint8Array, infiniteToo = false): number {
  let value: number;
  if (bytes.length === 2) {
    // RFC 8949 appendix D.
    const half = (bytes[0]! << 8) | bytes[1]!;
    const exponent = (half >> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    const magnitude =
      exponent === 0
        ? mantissa * 2 ** -24
        : exponent !== 31
          ? (mantissa + 1024) * 2 ** (exponent - 25)
          : mantissa === 0
            ? Infinity
            : Number.NaN;
    value = half & 0x8000 ? -magnitude : magnitude;
  } else
    value =
      bytes.length === 4 ? Buffer.from(bytes).readFloatBE() : Buffer.from(bytes).readDoubleBE();
  if (!Number.isFinite(value) && !infiniteToo) throw new Refused();
  return value;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
