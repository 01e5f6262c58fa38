// Access events: a salted hash is signed and kept, the body can be deleted (FORMAT 2, D8, RFC 9995).

import { equal } from "./bytes.ts";
import type { Encodable } from "./cbor.ts";
import { encodeSign1, HEADER } from "./cose.ts";
import { FormatError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import { decodePack, encodePack, SENML_CBOR, type SenmlRecord } from "./senml.ts";
import type { Signer } from "./signature.ts";
import {
  assertClock,
  parseStatement,
  type Statement,
  type StatementHead,
  statementHeader,
} from "./statement.ts";

/** Name of the record that holds the salt, and its length: without it a room and a badge could be guessed. */
export const SALT_RECORD = "salt";
export const SALT_BYTES = 16;
/** An HMAC of a credential, cut: the one value of a body that stands for a person. */
export const PSEUDONYM_BYTES = 16;
/** Longest body. */
export const BODY_BYTES_MAX = 4_096;

/** A signed access event and the body that travels beside it. The salt must be fresh for each event. */
export function buildAccessEvent(
  event: StatementHead & {
    readonly signer: Signer;
    readonly records: readonly SenmlRecord[];
    readonly salt: Uint8Array;
  },
): { readonly statement: Uint8Array; readonly body: Uint8Array } {
  const time = event.records[0]?.time ?? event.issuedAt;
  const body = encodePack([...event.records, { name: SALT_RECORD, value: event.salt, time }]);
  const header = statementHeader(event, event.signer.publicKey)
    .set(HEADER.payloadHashAlgorithm, -16 as Encodable)
    .set(HEADER.preimageContentType, SENML_CBOR);
  const statement = encodeSign1({ header, payload: sha256(body), signer: event.signer });
  parseBody(parseStatement(statement), body);
  return { statement, body };
}

/** The records of a body, without its salt, once it is the one that was signed. Errors: `access.*`, `senml.*`, `statement.clock`. */
export function parseBody(statement: Statement, body: Uint8Array): SenmlRecord[] {
  if (statement.bodyHash === null || body.length > BODY_BYTES_MAX)
    throw new FormatError("access.body");
  if (!equal(sha256(body), statement.bodyHash))
    throw new FormatError("access.body", "another hash");
  const records = decodePack(body);
  assertClock(statement.issuedAt, records);
  const salt = records.find(({ name }) => name === SALT_RECORD)?.value;
  if (!(salt instanceof Uint8Array) || salt.length !== SALT_BYTES)
    throw new FormatError("access.salt");
  return records.filter(({ name }) => name !== SALT_RECORD);
}
