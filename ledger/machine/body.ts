// Reads the fields of a transaction body strictly, once: inside the machine there are only typed values.

import { type Cbor, type CborMap, encode, publicKeyProblem, utf8 } from "@muniment/core";
import { isDate } from "./civil-date.ts";
import { Refusal } from "./codes.ts";

/** Identifiers of buildings, gateways, devices, holds. */
const ID = /^[a-z0-9-]{1,64}$/;
/** Paths of places: 1 to 8 segments, the building's id first. */
const PLACE = /^[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64}){0,7}$/;
const CONTROL = /\p{Cc}/u;

/** Body fields by name. Every field must be read, or `end()` refuses the body: nothing unknown enters the ledger. */
export class Body {
  readonly #fields: CborMap;
  readonly #unread: Set<Cbor>;

  constructor(fields: Cbor) {
    if (!(fields instanceof Map)) throw new Refusal("registry.body", "expected a map");
    this.#fields = fields;
    this.#unread = new Set(fields.keys());
  }

  id(name: string): string {
    return this.pattern(name, ID, "1 to 64 of a-z, 0-9 and -");
  }

  /** The path of a place in a building. */
  place(name: string, building: string): string {
    const place = this.pattern(name, PLACE, "1 to 8 segments of a-z, 0-9 and -");
    return place === building || place.startsWith(`${building}/`)
      ? place
      : refuse(name, `one in ${building}, found ${place}`);
  }

  /** A local civil date. */
  date(name: string): string {
    const value = this.#take(name);
    return isDate(value) ? value : refuse(name, "a date such as 2026-01-31");
  }

  /** Any CBOR, by its encoded length. */
  value(name: string, bytesMax: number): Cbor {
    const value = this.#take(name);
    if (value === undefined || encode(value).length > bytesMax)
      refuse(name, `a value of at most ${bytesMax} bytes`);
    return value as Cbor;
  }

  pattern(name: string, pattern: RegExp, expected: string): string {
    const value = this.#take(name);
    return typeof value === "string" && pattern.test(value) ? value : refuse(name, expected);
  }

  text(name: string, bytesMax: number): string {
    const value = this.#take(name);
    const fits =
      typeof value === "string" &&
      value !== "" &&
      !CONTROL.test(value) &&
      utf8(value).length <= bytesMax;
    return fits ? value : refuse(name, `1 to ${bytesMax} bytes of text without control characters`);
  }

  /** Text of any content, such as a signed note. */
  note(name: string): string {
    const value = this.#take(name);
    return typeof value === "string" ? value : refuse(name, "text");
  }

  bytes(name: string, length: number): Uint8Array {
    const value = this.#take(name);
    return isBytes(value, length) ? value : refuse(name, `${length} bytes`);
  }

  /** A public key that may be enrolled; else `registry.bad-key`. */
  publicKey(name: string): Uint8Array {
    const key = this.bytes(name, 32);
    const problem = publicKeyProblem(key);
    if (problem !== null) throw new Refusal("registry.bad-key", problem);
    return key;
  }

  uint(name: string, min: number, max: number): number {
    const value = this.#take(name);
    const fits =
      typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
    return fits ? value : refuse(name, `a whole number from ${min} to ${max}`);
  }

  list(name: string, countMax: number): readonly Cbor[] {
    const value = this.#take(name);
    return Array.isArray(value) && value.length <= countMax
      ? value
      : refuse(name, `a list of at most ${countMax}`);
  }

  hashes(name: string, countMax: number): readonly Uint8Array[] {
    const items = this.list(name, countMax);
    return items.map((item) => (isBytes(item, 32) ? item : refuse(name, "hashes of 32 bytes")));
  }

  /** The record with the field in it, when the body has that field. */
  optional<K extends string, T>(name: K, read: (name: K) => T): { readonly [key in K]?: T } {
    return (this.#fields.has(name) ? { [name]: read(name) } : {}) as { readonly [key in K]?: T };
  }

  end(): void {
    for (const name of this.#unread)
      throw new Refusal("registry.body", `unknown field ${JSON.stringify(name)}`);
  }

  #take(name: string): Cbor | undefined {
    this.#unread.delete(name);
    return this.#fields.get(name);
  }
}

function isBytes(value: Cbor | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

function refuse(name: string, expected: string): never {
  throw new Refusal("registry.body", `${name}: expected ${expected}`);
}
