// Checkpoints, by the rules of C2SP tlog-checkpoint, and as this project narrows them.

import { describe, expect, it } from "vitest";
import { toBase64, utf8 } from "./bytes.ts";
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { sha256 } from "./hash.ts";
import { addSignature, formatSignatureLine, makeVkey } from "./note.ts";
import { signerFromSeed } from "./signature.ts";

const refuses = (code: string) => expect.objectContaining({ code });
const signer = signerFromSeed(new Uint8Array(32).fill(1));
const stranger = signerFromSeed(new Uint8Array(32).fill(2));
const origin = "log.example/a";
const key = makeVkey(origin, 1, signer.publicKey);
const root = sha256(utf8("root"));
const checkpoint = { origin, size: 7, root };

describe("text", () => {
  it("is origin, size and root", () => {
    expect(formatCheckpoint(checkpoint)).toBe(`log.example/a\n7\n${toBase64(root)}\n`);
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(parseCheckpoint(formatCheckpoint({ ...checkpoint, size: 0 })).size).toBe(0);
    expect(
      parseCheckpoint(formatCheckpoint({ ...checkpoint, size: Number.MAX_SAFE_INTEGER })).size,
    ).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("of any other form is refused", () => {
    const hash = toBase64(root);
    for (const text of [
      "",
      `${origin}\n7\n${hash}`,
      `${origin}\n07\n${hash}\n`,
      `${origin}\n-7\n${hash}\n`,
      `${origin}\n7.0\n${hash}\n`,
      `${origin}\n 7\n${hash}\n`,
      `${origin}\n9007199254740992\n${hash}\n`,
      `\n7\n${hash}\n`,
      `${origin}\n7\n${hash}\nextension\n`,
      `${origin}\n7\n${hash}\n\n`,
      `${origin}\n7\n${toBase64(root.slice(1))}\n`,
      `${origin}\n${hash}\n`,
    ]) {
      expect(() => parseCheckpoint(text), JSON.stringify(text)).toThrow();
    }
  });
});

describe("signed", () => {
  const note = signCheckpoint(checkpoint, signer);

  it("opens with the log's key", () => {
    expect(openCheckpoint(note, key)).toEqual(checkpoint);
  });

  it("opens beside unknown signatures, in any order", () => {
    const other = formatSignatureLine(
      makeVkey("witness", 4, stranger.publicKey),
      new Uint8Array(72),
    );
    expect(openCheckpoint(addSignature(note, other), key)).toEqual(checkpoint);
    const [text, line] = note.split("\n\n") as [string, string];
    expect(openCheckpoint(`${text}\n\n${other}\n${line}`, key)).toEqual(checkpoint);
  });

  it("does not open with another key, name, text or signature", () => {
    expect(() => openCheckpoint(note, makeVkey(origin, 1, stranger.publicKey))).toThrow(
      refuses("note.unsigned"),
    );
    expect(() => openCheckpoint(note, makeVkey("log.example/b", 1, signer.publicKey))).toThrow(
      refuses("note.unsigned"),
    );
    expect(() => openCheckpoint(note.replace("\n7\n", "\n8\n"), key)).toThrow(
      refuses("note.signature"),
    );
    const forged = addSignature(
      `${formatCheckpoint(checkpoint)}\n`,
      formatSignatureLine(key, stranger.sign(utf8(formatCheckpoint(checkpoint)))),
    );
    expect(() => openCheckpoint(forged, key)).toThrow(refuses("note.signature"));
    const short = addSignature(
      `${formatCheckpoint(checkpoint)}\n`,
      formatSignatureLine(key, new Uint8Array(10)),
    );
    expect(() => openCheckpoint(short, key)).toThrow(refuses("note.signature"));
  });

  it("does not open as a checkpoint of another log, though signed by its key", () => {
    const text = formatCheckpoint({ ...checkpoint, origin: "log.example/b" });
    const note = addSignature(`${text}\n`, formatSignatureLine(key, signer.sign(utf8(text))));
    expect(() => openCheckpoint(note, key)).toThrow(refuses("checkpoint.origin"));
  });
});
