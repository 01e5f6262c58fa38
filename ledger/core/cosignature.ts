// Cosignatures: someone else saw this checkpoint at a time, and nothing inconsistent before (C2SP tlog-cosignature v1).

import { concat, u64be, utf8 } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import {
  COSIGNATURE_V1,
  formatSignatureLine,
  isBy,
  makeVkey,
  parseNote,
  parseSignatureLine,
  type Vkey,
} from "./note.ts";
import { type Signer, verify } from "./signature.ts";

function message(checkpointText: string, time: number | bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${checkpointText}`);
}

/** A type 04 line over a checkpoint note. `time` is whole seconds since 1970. One key serves one cosigner,
 * because the signed message does not name it. */
export function cosign(
  checkpointNote: string,
  cosigner: { readonly name: string; readonly signer: Signer; readonly time: number },
): string {
  const key = makeVkey(cosigner.name, COSIGNATURE_V1, cosigner.signer.publicKey);
  const signature = cosigner.signer.sign(message(parseNote(checkpointNote).text, cosigner.time));
  return formatSignatureLine(key, concat(u64be(cosigner.time), signature));
}

/** The time a cosignature line states, once it verifies; else `note.unsigned` or `note.signature`. */
export function verifyCosignature(
  checkpointNote: string,
  line: string,
  key: Vkey,
): { readonly time: number } {
  const signature = parseSignatureLine(line);
  if (!isBy(signature, key)) throw new FormatError("note.unsigned", key.name);
  const { blob } = signature;
  if (key.type !== COSIGNATURE_V1 || blob.length !== 72)
    throw new FormatError("note.signature", key.name);
  const time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  if (!verify(key.publicKey, message(parseNote(checkpointNote).text, time), blob.subarray(8))) {
    throw new FormatError("note.signature", key.name);
  }
  return { time: Number(time) };
}
