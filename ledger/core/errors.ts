// The one error of core: bytes that do not obey a published format, with a stable code.

/** Every code that core can refuse bytes with, and what it means. Codes are stable; messages are not. */
export const FORMAT_CODES = {
  "bytes.hex": "not an even number of hexadecimal digits",
  "bytes.base64": "not canonical base64",
  "bytes.utf8": "not valid UTF-8",
  "bytes.length": "not the length that the format fixes",
  "cbor.truncated": "ends in the middle of an item",
  "cbor.trailing": "bytes follow the item",
  "cbor.reserved": "a head with reserved additional information, or a break outside its place",
  "cbor.indefinite": "indefinite length is not deterministic (RFC 8949 4.2.1)",
  "cbor.shortest": "a number or length is not in its shortest form (RFC 8949 4.2.1)",
  "cbor.key-order": "map keys are not in bytewise order (RFC 8949 4.2.1)",
  "cbor.key-type": "a map key that is neither an integer nor text",
  "cbor.duplicate-key": "a map key occurs twice",
  "cbor.utf8": "a text string is not valid UTF-8",
  "cbor.tag": "a tag where none is allowed",
  "cbor.simple": "a simple value other than false, true and null",
  "cbor.float": "a float that is not finite, or not in its shortest form",
  "cbor.integer": "a whole number that is written as a float where the format has integers",
  "cbor.depth": "nested deeper than allowed",
  "cbor.value": "a value that has no deterministic encoding here",
  "cose.structure": "not the four-element COSE_Sign1 array under tag 18 (RFC 9052 4.2)",
  "cose.unprotected": "the unprotected map is not empty",
  "cose.algorithm": "the protected header names no accepted algorithm",
  "cose.critical": "a critical header parameter is not understood",
  "cose.header": "a protected header parameter is missing or malformed",
  "cose.payload": "the payload is missing (detached) or malformed",
  "cose.signature": "the signature is not 64 bytes",
  "senml.structure": "not an array of 1 to 256 SenML records (RFC 8428)",
  "senml.label": "a label that is unknown or must be understood",
  "senml.version": "a base version other than 10, or 26 with secondary units (RFC 9100)",
  "senml.name": "a name outside the characters of RFC 8428 4.5.1, or longer than 128",
  "senml.unit": "a unit that is not registered, or secondary without bver 26",
  "senml.value": "a record with no value, more than one, or one of the wrong type",
  "senml.time": "times that are not all absolute (2^28 to 2^40), or all relative (-2^28 to 0)",
  "statement.too-large": "longer than 4,096 bytes",
  "statement.header": "the protected header is not that of a device statement (FORMAT 1)",
  "statement.issuer": "the issuer is not a URN",
  "statement.subject": "the subject is not a place: 1 to 8 segments of [a-z0-9-]",
  "statement.time": "the time of issue is not a whole number of seconds since 1970, below 2^40",
  "statement.clock":
    "a time of issue of 0 goes with relative times of its records, any other with absolute ones",
  "statement.mixed": "records of a reading, a birth and a state do not go together",
  "statement.birth":
    "a birth declares each point once: birth/<point>, its unit, and its class as text",
  "statement.state": "a state says what it says as FORMAT 1.2 has it: device/<name> and its value",
  "statement.sequence": "the sequence number is not 4 or 8 bytes, or beyond 2^53 - 1",
  "access.body": "the body does not hash to what the statement signed",
  "access.salt": "the body holds no 16-byte salt record",
  "transaction.structure": "not a transaction (FORMAT 4)",
  "transaction.too-large": "longer than 61,440 bytes",
  "disposition.structure": "not the body of a disposition (FORMAT 4.3)",
  "entry.structure": "not a ledger entry (FORMAT 5)",
  "effects.structure": "not a list of effects (FORMAT 5)",
  "tile.structure": "a tile or entry bundle is not as long as it says",
  "tile.missing": "a tile that the proof needs is not there",
  "proof.range": "an index or size that has no proof",
  "note.structure": "not a signed note (C2SP signed-note)",
  "note.key": "not a verifier key (C2SP signed-note)",
  "note.unsigned": "the expected key has not signed the note",
  "note.signature": "a signature by a known key does not verify",
  "checkpoint.structure": "not a checkpoint (C2SP tlog-checkpoint)",
  "checkpoint.origin": "the checkpoint is of another log",
  "policy.structure": "not a tlog-policy (C2SP tlog-policy)",
  "policy.log": "no log key of the policy has signed the checkpoint",
  "policy.quorum": "the cosignatures do not reach the quorum of the policy",
  "tlog-proof.structure": "not a tlog-proof (C2SP tlog-proof)",
  "evidence.structure": "not an evidence bundle (FORMAT 7)",
} as const;

export type FormatCode = keyof typeof FORMAT_CODES;

/** Bytes that were refused. `code` is from FORMAT_CODES; the message says what was expected and found. */
export class FormatError extends Error {
  readonly code: FormatCode;

  constructor(code: FormatCode, found?: string, options?: ErrorOptions) {
    super(found === undefined ? FORMAT_CODES[code] : `${FORMAT_CODES[code]}: ${found}`, options);
    this.name = "FormatError";
    this.code = code;
  }
}
