// Signed notes and keys, by the rules of C2SP signed-note.

import { describe, expect, it } from "vitest";
import { concat, toBase64, utf8 } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import {
  addSignature,
  formatSignatureLine,
  formatVkey,
  isBy,
  makeVkey,
  NOTE_SIGNATURES_MAX,
  parseNote,
  parseSignatureLine,
  parseVkey,
} from "./note.ts";
import { signerFromSeed } from "./signature.ts";

const refuses = (code: string) => expect.objectContaining({ code });
const { publicKey } = signerFromSeed(new Uint8Array(32).fill(1));
const key = makeVkey("log.example/a", 1, publicKey);
const line = formatSignatureLine(key, new Uint8Array(64));

describe("keys", () => {
  it("carry the id of name, type and key", () => {
    expect(key.keyId).toEqual(
      sha256(concat(utf8("log.example/a\n"), Uint8Array.of(1), publicKey)).slice(0, 4),
    );
    expect(parseVkey(formatVkey(key))).toEqual(key);
    const cosigner = makeVkey("log.example/a", 4, publicKey);
    expect(parseVkey(formatVkey(cosigner)).type).toBe(4);
    expect(cosigner.keyId).not.toEqual(key.keyId);
  });

  it("are refused with another id, type, length, name or spelling", () => {
    const [name, id, encoded] = formatVkey(key).split("+", 3) as [string, string, string];
    const rest = formatVkey(key).slice(name.length + 1 + id.length + 1);
    for (const text of [
      `other+${id}+${rest}`,
      `${name}+${id.toUpperCase()}x+${rest}`,
      `${name}+00000000+${rest}`,
      `${name}+${id}`,
      `${name} +${id}+${rest}`,
      `+${id}+${rest}`,
      `${formatVkey(key)}\n`,
      `${name}+${id}+${toBase64(concat(Uint8Array.of(2), publicKey))}`,
      `${name}+${id}+${toBase64(concat(Uint8Array.of(1), publicKey.slice(1)))}`,
    ]) {
      expect(() => parseVkey(text), JSON.stringify(text)).toThrow(refuses("note.key"));
    }
    expect(() => parseVkey(`${name}+${id}+${encoded.slice(0, -2)}`)).toThrow();
    for (const bad of ["", "a b", "a+b", "a\nb", "a\u0000b", "a\u00a0b"])
      expect(() => makeVkey(bad, 1, publicKey), JSON.stringify(bad)).toThrow(refuses("note.key"));
  });
});

describe("notes", () => {
  it("are text, a blank line, and signature lines", () => {
    const note = addSignature("first\n\nsecond\n\n", line);
    const parsed = parseNote(note);
    expect(parsed.text).toBe("first\n\nsecond\n");
    expect(parsed.signatures).toEqual([
      { name: key.name, keyId: key.keyId, blob: new Uint8Array(64), line },
    ]);
    expect(parseNote(addSignature(note, line)).signatures).toHaveLength(2);
    expect(isBy(parsed.signatures[0]!, key)).toBe(true);
    expect(isBy(parsed.signatures[0]!, makeVkey("log.example/b", 1, publicKey))).toBe(false);
  });

  it("are refused in any other form", () => {
    const good = addSignature("text\n\n", line);
    for (const note of [
      "",
      "text\n",
      "text\n\n",
      "\n\n",
      good.slice(0, -1),
      `${good}\n`,
      good.replace("text", "te\rxt"),
      good.replace("text", "te\u0007xt"),
      good.replace("text", "te\u0085xt"),
      good.replace("\u2014", "-"),
      good.replace("\u2014 ", "\u2014  "),
      good.replace(" log", " lo g"),
      good.replace("\n\n", "\n"),
      `${good}garbage\n`,
      `${"x".repeat(70_000)}\n\n${line}\n`,
      `text\n\n${`${line}\n`.repeat(NOTE_SIGNATURES_MAX + 1)}`,
    ]) {
      expect(() => parseNote(note), JSON.stringify(note.slice(0, 60))).toThrow(
        refuses("note.structure"),
      );
    }
    expect(() => parseSignatureLine(`\u2014 a ${toBase64(new Uint8Array(4))}`)).toThrow(
      refuses("note.structure"),
    );
    expect(() => parseSignatureLine("\u2014 a AAAAAAB=")).toThrow(refuses("bytes.base64"));
  });

  it("of sixteen signatures and more are read", () => {
    expect(parseNote(`text\n\n${`${line}\n`.repeat(100)}`).signatures).toHaveLength(100);
  });
});
