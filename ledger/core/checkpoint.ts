// Checkpoints: what a log says of itself, signed (C2SP tlog-checkpoint v1.0.0).

import { fromBase64, toBase64, utf8 } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { asHash32, type Hash32 } from "./hash.ts";
import {
  addSignature,
  ED25519,
  formatSignatureLine,
  isBy,
  makeVkey,
  parseNote,
  type Vkey,
} from "./note.ts";
import { type Signer, verify } from "./signature.ts";

/** Which log, how many leaves, and the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash32;
}

/** The text that is signed: origin, size and base64 root, a line each. */
export function formatCheckpoint(checkpoint: {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`;
}

/** Reads checkpoint text. Extension lines are refused: none is defined for these logs. */
export function parseCheckpoint(text: string): Checkpoint {
  const parts = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{44})\n$/.exec(text);
  if (parts === null)
    throw new FormatError("checkpoint.structure", JSON.stringify(text.slice(0, 120)));
  const size = Number(parts[2]);
  if (!Number.isSafeInteger(size))
    throw new FormatError("checkpoint.structure", `size ${parts[2]}`);
  return { origin: parts[1]!, size, root: asHash32(fromBase64(parts[3]!)) };
}

/** The checkpoint as a note signed by the log's own key, whose name is the origin (type 1). */
export function signCheckpoint(
  checkpoint: { readonly origin: string; readonly size: number; readonly root: Uint8Array },
  signer: Signer,
): string {
  const text = formatCheckpoint(checkpoint);
  const key = makeVkey(checkpoint.origin, ED25519, signer.publicKey);
  return addSignature(`${text}\n`, formatSignatureLine(key, signer.sign(utf8(text))));
}

/** The checkpoint of a note that the log key has signed. Errors: `note.*`, `checkpoint.*`. */
export function openCheckpoint(note: string, logKey: Vkey): Checkpoint {
  const { text, signatures } = parseNote(note);
  const signature = signatures.find((candidate) => isBy(candidate, logKey));
  if (signature === undefined) throw new FormatError("note.unsigned", logKey.name);
  if (!verify(logKey.publicKey, utf8(text), signature.blob))
    throw new FormatError("note.signature", logKey.name);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== logKey.name) {
    throw new FormatError(
      "checkpoint.origin",
      `expected ${logKey.name}, found ${checkpoint.origin}`,
    );
  }
  return checkpoint;
}
