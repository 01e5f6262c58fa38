// A proof that stands alone: index, inclusion path and checkpoint in one text (C2SP tlog-proof).

import { fromBase64, toBase64 } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { asHash32, type Hash32 } from "./hash.ts";

/** A parsed `.tlog-proof`. `checkpoint` is the signed note, verbatim. */
export interface TlogProof {
  readonly index: number;
  readonly proof: readonly Hash32[];
  readonly checkpoint: string;
}

const HEAD = "c2sp.org/tlog-proof@v1";
/** An inclusion path is never longer than the tree is high. */
const PATH_HASHES_MAX = 63;

/** The proof as text. */
export function formatTlogProof(proof: {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: string;
}): string {
  const path = proof.proof.map((hash) => `${toBase64(hash)}\n`).join("");
  return `${HEAD}\nindex ${proof.index}\n${path}\n${proof.checkpoint}`;
}

/** Reads a proof; nothing is verified. The optional `extra` line is not used here and refused. */
export function parseTlogProof(text: string): TlogProof {
  const split = text.indexOf("\n\n");
  if (split < 0)
    throw new FormatError("tlog-proof.structure", "no blank line before the checkpoint");
  const [head, indexLine, ...path] = text.slice(0, split).split("\n");
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(indexLine ?? "");
  if (head !== HEAD || index === null || path.length > PATH_HASHES_MAX) {
    throw new FormatError("tlog-proof.structure", JSON.stringify(text.slice(0, 80)));
  }
  return {
    index: Number(index[1]),
    proof: path.map((line) => asHash32(fromBase64(line))),
    checkpoint: text.slice(split + 2),
  };
}
