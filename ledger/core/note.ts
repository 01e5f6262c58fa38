// Signed notes and their keys (C2SP signed-note v1.0.0).

import { concat, equal, fromBase64, fromHex, toBase64, toHex, utf8 } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { sha256 } from "./hash.ts";

/** Signature types used here: 1 = Ed25519 over the note text, 4 = Ed25519 cosignature/v1. */
export const ED25519 = 1;
export const COSIGNATURE_V1 = 4;

/** A verifier key: who signs, by which type of signature, with which public key. */
export interface Vkey {
  readonly name: string;
  readonly type: number;
  readonly publicKey: Uint8Array;
  /** First four bytes of SHA-256(name ‖ 0A ‖ type ‖ public key). */
  readonly keyId: Uint8Array;
}

/** One signature line, not yet verified. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** What follows the key id: for type 1 the 64-byte signature. */
  readonly blob: Uint8Array;
  /** The line as it stands in the note, without its newline. */
  readonly line: string;
}

/** A note: the text that is signed (ends in a newline) and its signature lines. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Longest note read, and most signature lines: a verifier must accept 16; witnesses send up to 200. */
export const NOTE_BYTES_MAX = 65_536;
export const NOTE_SIGNATURES_MAX = 200;

const KEY_NAME = /^[^\s+\p{Cc}]+$/u;

/** A verifier key with its id computed. The name may hold neither white space nor "+". */
export function makeVkey(name: string, type: number, publicKey: Uint8Array): Vkey {
  if (!KEY_NAME.test(name)) throw new FormatError("note.key", `name ${JSON.stringify(name)}`);
  const keyId = sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey)).slice(0, 4);
  return { name, type, publicKey, keyId };
}

/** `name+hex(key id)+base64(type ‖ public key)`. */
export function formatVkey(key: {
  readonly name: string;
  readonly type: number;
  readonly publicKey: Uint8Array;
}): string {
  const { name, type, publicKey, keyId } = makeVkey(key.name, key.type, key.publicKey);
  return `${name}+${toHex(keyId)}+${toBase64(concat(Uint8Array.of(type), publicKey))}`;
}

/** Reads a verifier key and checks its id; else `note.key`. Only types 1 and 4 are known here. */
export function parseVkey(text: string): Vkey {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  if (parts === null) throw new FormatError("note.key", text.slice(0, 120));
  const bytes = fromBase64(parts[3]!);
  const type = bytes[0];
  if ((type !== ED25519 && type !== COSIGNATURE_V1) || bytes.length !== 33) {
    throw new FormatError("note.key", `type ${type} with ${bytes.length - 1} key bytes`);
  }
  const key = makeVkey(parts[1]!, type, bytes.slice(1));
  if (!equal(key.keyId, fromHex(parts[2]!)))
    throw new FormatError("note.key", "the key id does not match");
  return key;
}

/** Splits a note into text and signature lines, strictly: else `note.structure`. Nothing is verified. */
export function parseNote(note: string): Note {
  if (note.length > NOTE_BYTES_MAX)
    throw new FormatError("note.structure", `${note.length} characters`);
  // Every control character but the newline is refused: a note is looked at by people.
  if (/[^\P{Cc}\n]/u.test(note)) throw new FormatError("note.structure", "a control character");
  const split = note.lastIndexOf("\n\n");
  if (split <= 0 || !note.endsWith("\n"))
    throw new FormatError("note.structure", "no blank line before signatures");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX)
    throw new FormatError("note.structure", `${lines.length} signature lines`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** Reads one signature line, `— name base64(key id ‖ signature)`. */
export function parseSignatureLine(line: string): NoteSignature {
  const parts = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/.exec(line);
  if (parts === null)
    throw new FormatError("note.structure", `signature line ${JSON.stringify(line.slice(0, 80))}`);
  const bytes = fromBase64(parts[2]!);
  if (bytes.length < 5)
    throw new FormatError("note.structure", "a signature shorter than its key id");
  return { name: parts[1]!, keyId: bytes.slice(0, 4), blob: bytes.slice(4), line };
}

/** A signature line for a key. */
export function formatSignatureLine(key: Vkey, blob: Uint8Array): string {
  return `\u2014 ${key.name} ${toBase64(concat(key.keyId, blob))}`;
}

/** The note with one more signature line at its end. */
export function addSignature(note: string, line: string): string {
  return `${note}${line}\n`;
}

/** Whether a signature line claims to be by that key. */
export function isBy(signature: NoteSignature, key: Vkey): boolean {
  return signature.name === key.name && equal(signature.keyId, key.keyId);
}
