// Cosignatures, by the rules of C2SP tlog-cosignature v1.

import { describe, expect, it } from "vitest";
import { concat, u64be, utf8 } from "./bytes.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { cosign, verifyCosignature } from "./cosignature.ts";
import { sha256 } from "./hash.ts";
import {
  addSignature,
  formatSignatureLine,
  makeVkey,
  parseNote,
  parseSignatureLine,
} from "./note.ts";
import { signerFromSeed, verify } from "./signature.ts";

const refuses = (code: string) => expect.objectContaining({ code });
const signer = signerFromSeed(new Uint8Array(32).fill(3));
const key = makeVkey("witness.example/1", 4, signer.publicKey);
const note = signCheckpoint(
  { origin: "log.example/a", size: 7, root: sha256(utf8("root")) },
  signerFromSeed(new Uint8Array(32).fill(1)),
);
const line = cosign(note, { name: key.name, signer, time: 1_767_225_600 });

describe("cosignature/v1", () => {
  it("is a time and a signature over time and checkpoint text", () => {
    const { blob } = parseSignatureLine(line);
    expect(blob.slice(0, 8)).toEqual(u64be(1_767_225_600));
    expect(
      verify(
        signer.publicKey,
        utf8(`cosignature/v1\ntime 1767225600\n${parseNote(note).text}`),
        blob.slice(8),
      ),
    ).toBe(true);
    expect(verifyCosignature(note, line, key)).toEqual({ time: 1_767_225_600 });
  });

  it("holds for the text alone, whatever other lines the note has", () => {
    expect(verifyCosignature(addSignature(note, line), line, key)).toEqual({ time: 1_767_225_600 });
  });

  it("does not hold for another checkpoint, key, time or type", () => {
    expect(() => verifyCosignature(note.replace("\n7\n", "\n8\n"), line, key)).toThrow(
      refuses("note.signature"),
    );
    expect(() =>
      verifyCosignature(note, line, makeVkey("witness.example/2", 4, signer.publicKey)),
    ).toThrow(refuses("note.unsigned"));
    const { blob } = parseSignatureLine(line);
    const later = formatSignatureLine(key, concat(u64be(1_767_225_601), blob.slice(8)));
    expect(() => verifyCosignature(note, later, key)).toThrow(refuses("note.signature"));
    const plain = makeVkey(key.name, 1, signer.publicKey);
    expect(() => verifyCosignature(note, formatSignatureLine(plain, blob), plain)).toThrow(
      refuses("note.signature"),
    );
    expect(() => verifyCosignature(note, formatSignatureLine(key, blob.slice(0, 71)), key)).toThrow(
      refuses("note.signature"),
    );
  });
});
