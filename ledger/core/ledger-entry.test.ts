// Ledger entries and effects (FORMAT 5): built, read back, and refused.

import { describe, expect, it } from "vitest";
import { utf8 } from "./bytes.ts";
import { type Encodable, encode } from "./cbor.ts";
import { sha256 } from "./hash.ts";
import {
  decodeEffects,
  decodeLedgerEntry,
  type Effect,
  effectsHash,
  encodeEffects,
  encodeLedgerEntry,
} from "./ledger-entry.ts";

const effects: readonly Effect[] = [
  ["building/b1", encode({ name: "House" })],
  ["seq/00", null],
  ["building/b1", encode(5)],
];
const entry = {
  height: 3,
  time: 1_767_225_600_000,
  transaction: utf8("signed"),
  code: 0,
  effects: effectsHash(effects),
};

describe("a ledger entry", () => {
  it("is five items, or six with a state hash", () => {
    expect(decodeLedgerEntry(encodeLedgerEntry(entry))).toEqual(entry);
    expect(encodeLedgerEntry(entry)).toEqual(
      encode([3, 1_767_225_600_000, utf8("signed"), 0, entry.effects]),
    );
    const withState = { ...entry, state: sha256(utf8("state")) };
    expect(decodeLedgerEntry(encodeLedgerEntry(withState))).toEqual(withState);
  });

  it("of any other form is refused", () => {
    const items: Encodable[] = [3, 5, utf8("signed"), 0, entry.effects];
    const changed = (at: number, value: Encodable): Encodable =>
      items.map((item, i) => (i === at ? value : item));
    const refused: readonly Encodable[] = [
      [],
      {},
      items.slice(0, 4),
      [...items, entry.effects, 0],
      [...items, "state"],
      changed(0, -1),
      changed(0, 1.5),
      changed(1, "now"),
      changed(2, "signed"),
      changed(3, null),
      changed(4, "hash"),
    ];
    for (const [i, value] of refused.entries()) {
      expect(() => decodeLedgerEntry(encode(value)), String(i)).toThrow(
        expect.objectContaining({ code: "entry.structure" }),
      );
    }
    expect(() => decodeLedgerEntry(encode(changed(4, new Uint8Array(31))))).toThrow(
      expect.objectContaining({ code: "bytes.length" }),
    );
  });
});

describe("effects", () => {
  it("keep their order, and hash to what an entry commits to", () => {
    expect(decodeEffects(encodeEffects(effects))).toEqual(effects);
    expect(effectsHash(effects)).toEqual(sha256(encodeEffects(effects)));
    expect(effectsHash([...effects].reverse())).not.toEqual(effectsHash(effects));
  });

  it("of any other form are refused", () => {
    for (const value of [
      {},
      [["a"]],
      [["a", null, 1]],
      [[1, null]],
      [["a", 5]],
      [["a", "b"]],
      ["a"],
    ] as Encodable[]) {
      expect(() => decodeEffects(encode(value)), JSON.stringify(value)).toThrow(
        expect.objectContaining({ code: "effects.structure" }),
      );
    }
  });
});
