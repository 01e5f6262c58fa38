// What a forger would try: the same evidence with one bit of one part turned over.
import { formatEvidence, fromBase64, parseEvidence, toBase64 } from "@muniment/core";

export const changeable = [
  { key: "reading", name: "the reading" },
  { key: "gateway", name: "the gateway’s proof" },
  { key: "ledger", name: "the ledger’s entry" },
  { key: "key", name: "the device’s key record" },
] as const;

export type Changeable = (typeof changeable)[number]["key"];

/** The text of a bundle in which one bit of the named part is flipped. Throws `FormatError` when the text is no bundle. */
export function changeOneByte(text: string, part: Changeable): string {
  const bundle = parseEvidence(text);
  switch (part) {
    case "reading":
      return formatEvidence({ ...bundle, statement: flip(bundle.statement, lastOfPayload) });
    case "gateway":
      return formatEvidence({ ...bundle, gatewayProof: flipHash(bundle.gatewayProof) });
    case "ledger":
      return formatEvidence({
        ...bundle,
        anchor: { ...bundle.anchor, entry: flip(bundle.anchor.entry, middle) },
      });
    case "key":
      return formatEvidence({
        ...bundle,
        deviceKey: { ...bundle.deviceKey, effects: flip(bundle.deviceKey.effects, middle) },
      });
  }
}

/** COSE_Sign1 ends with the signature: a head of 2 bytes and 64 bytes; what was measured stands right before it. */
const lastOfPayload = (length: number): number => length - 67;
const middle = (length: number): number => Math.floor(length / 2);

function flip(base64: string, place: (length: number) => number): string {
  const bytes = fromBase64(base64).slice();
  const at = place(bytes.length);
  bytes[at] = bytes[at]! ^ 1;
  return toBase64(bytes);
}

/** A tlog-proof has one hash a line, and below them the checkpoint with its root hash: the first of all these is changed. */
function flipHash(proof: string): string {
  const lines = proof.split("\n");
  const at = lines.findIndex((line) => /^[A-Za-z0-9+/]{43}=$/.test(line));
  return lines.map((line, n) => (n === at ? flip(line, middle) : line)).join("\n");
}
