// Device statements: a SenML pack, or the hash of one, signed by the device (FORMAT 1 and 2, D1).

import { BIRTH_PREFIX, type Birth, birthRecords, readBirth } from "./birth.ts";
import { equal, u64be } from "./bytes.ts";
import type { Cbor, Encodable } from "./cbor.ts";
import {
  decodeSign1,
  encodeSign1,
  HEADER,
  keyIdOf,
  keyThumbprint,
  type Sign1,
  verifySign1,
} from "./cose.ts";
import { type DeviceState, readState, STATE_PREFIX, stateRecords } from "./device-state.ts";
import { FormatError } from "./errors.ts";
import { type Hash32, leafHash } from "./hash.ts";
import {
  decodePack,
  encodePack,
  isRelative,
  SENML_CBOR,
  type SenmlRecord,
  TIME_MAX,
} from "./senml.ts";
import type { Signer } from "./signature.ts";

/** Longest statement (FORMAT 1). */
export const STATEMENT_BYTES_MAX = 4_096;
/** CWT claims (RFC 8392). */
const CLAIM = { issuer: 1, subject: 2, issuedAt: 6, id: 7 } as const;
/** COSE algorithm identifier of SHA-256, for the hash envelope of an access event (RFC 9995). */
const SHA_256 = -16;

/** A parsed statement. Its signature is checked by verifyStatement(), its sender's rights by whoever admits it. */
export interface Statement {
  /** A reading, a birth (FORMAT 1.1) or a state (FORMAT 1.2) carries its records; an access event only their hash (FORMAT 2). */
  readonly kind: "reading" | "birth" | "state" | "access";
  /** The bytes the device sent: what is hashed, stored and shown. */
  readonly bytes: Uint8Array;
  readonly kid: Hash32;
  /** The device's URN. */
  readonly iss: string;
  /** Where it is: building, floor, room. */
  readonly sub: string;
  /** The device's own time in whole seconds since 1970: a claim. 0 from a device without a clock. */
  readonly issuedAt: number;
  /** The device had no clock: times of its records are relative, 0 and less (FORMAT 1.3). */
  readonly clockless: boolean;
  readonly sequence: number;
  readonly records: readonly SenmlRecord[];
  /** SHA-256 of the body of an access event, else null. */
  readonly bodyHash: Hash32 | null;
  readonly sign1: Sign1;
}

/** What a device says of itself in every statement. */
export interface StatementHead {
  readonly iss: string;
  readonly sub: string;
  /** Whole seconds since 1970; 0 when the device has no clock. */
  readonly issuedAt: number;
  readonly sequence: number;
}

/** The protected header of a statement: kid, and the CWT claims iss, sub, iat and cti (8-byte sequence). */
export function statementHeader(head: StatementHead, publicKey: Uint8Array): Map<Cbor, Encodable> {
  const claims = new Map<Cbor, Encodable>([
    [CLAIM.issuer, head.iss],
    [CLAIM.subject, head.sub],
    [CLAIM.issuedAt, head.issuedAt],
    [CLAIM.id, u64be(head.sequence)],
  ]);
  return new Map<Cbor, Encodable>([
    [HEADER.keyId, keyThumbprint(publicKey)],
    [HEADER.cwtClaims, claims],
  ]);
}

/** A signed reading. Errors: as parseStatement(), so that nothing is signed that would be refused. */
export function buildStatement(
  reading: StatementHead & { readonly signer: Signer; readonly records: readonly SenmlRecord[] },
): Uint8Array {
  const header = statementHeader(reading, reading.signer.publicKey).set(
    HEADER.contentType,
    SENML_CBOR,
  );
  const payload = encodePack(reading.records);
  const bytes = encodeSign1({ header, payload, signer: reading.signer });
  parseStatement(bytes);
  return bytes;
}

/** A signed birth: the device declares its points (FORMAT 1.1). Errors: as parseStatement(). */
export function buildBirth(
  birth: StatementHead & { readonly signer: Signer; readonly birth: Birth },
): Uint8Array {
  return buildStatement({ ...birth, records: birthRecords(birth.birth, birth.issuedAt) });
}

/** A signed state: how the device does (FORMAT 1.2). Errors: as parseStatement(). */
export function buildState(
  state: StatementHead & { readonly signer: Signer; readonly state: DeviceState },
): Uint8Array {
  return buildStatement({ ...state, records: stateRecords(state.state, state.issuedAt) });
}

/** Reads a statement strictly, RFC 9052 and SenML included. Errors: `statement.*`, `cose.*`, `senml.*`, `cbor.*`. */
export function parseStatement(bytes: Uint8Array): Statement {
  if (bytes.length > STATEMENT_BYTES_MAX)
    throw new FormatError("statement.too-large", `${bytes.length} bytes`);
  const sign1 = decodeSign1(bytes);
  const { header, payload } = sign1;
  const access = header.has(HEADER.payloadHashAlgorithm);
  const expected: readonly number[] = access
    ? [
        HEADER.algorithm,
        HEADER.keyId,
        HEADER.cwtClaims,
        HEADER.payloadHashAlgorithm,
        HEADER.preimageContentType,
      ]
    : [HEADER.algorithm, HEADER.contentType, HEADER.keyId, HEADER.cwtClaims];
  if (header.size !== expected.length || !expected.every((label) => header.has(label))) {
    throw new FormatError("statement.header", `labels ${[...header.keys()].join(", ")}`);
  }
  const contentType = header.get(access ? HEADER.preimageContentType : HEADER.contentType);
  if (contentType !== SENML_CBOR)
    throw new FormatError("statement.header", `content type ${String(contentType)}`);
  if (access && (header.get(HEADER.payloadHashAlgorithm) !== SHA_256 || payload.length !== 32)) {
    throw new FormatError("statement.header", "a hash envelope holds a 32-byte SHA-256");
  }
  const claims = header.get(HEADER.cwtClaims);
  if (!(claims instanceof Map) || claims.size !== 4)
    throw new FormatError("statement.header", "claims 1, 2, 6 and 7 are expected");
  const records = access ? [] : decodePack(payload);
  const issued = issuedAt(claims.get(CLAIM.issuedAt));
  assertClock(issued, records);
  return {
    kind: access ? "access" : kindOf(records),
    bytes,
    kid: keyIdOf(sign1),
    iss: issuer(claims.get(CLAIM.issuer)),
    sub: subject(claims.get(CLAIM.subject)),
    issuedAt: issued,
    clockless: issued === 0,
    sequence: sequence(claims.get(CLAIM.id)),
    records,
    bodyHash: access ? (payload as Hash32) : null,
    sign1,
  };
}

/** Whether the key signed the statement (D7). The caller found the key by the statement's kid. */
export function verifyStatement(statement: Statement, publicKey: Uint8Array): boolean {
  return equal(keyThumbprint(publicKey), statement.kid) && verifySign1(statement.sign1, publicKey);
}

/** The statement's leaf in its gateway's log. */
export function statementLeaf(statement: Statement): Hash32 {
  return leafHash(statement.bytes);
}

/** Refuses times that do not go with the time of issue: `statement.clock`. */
export function assertClock(issuedAt: number, records: readonly SenmlRecord[]): void {
  const odd = records.find(({ time }) => isRelative(time) !== (issuedAt === 0));
  if (odd !== undefined)
    throw new FormatError("statement.clock", `issued at ${issuedAt}, ${odd.name} at ${odd.time}`);
}

/** By the names of the records, which are of one family: `statement.mixed`, `statement.birth`, `statement.state`. */
function kindOf(records: readonly SenmlRecord[]): "reading" | "birth" | "state" {
  const family = familyOf(records[0]!.name);
  const odd = records.find(({ name }) => familyOf(name) !== family);
  if (odd !== undefined) throw new FormatError("statement.mixed", `${odd.name} in a ${family}`);
  if (family === "birth") readBirth(records);
  if (family === "state") readState(records);
  return family;
}

function familyOf(name: string): "reading" | "birth" | "state" {
  if (name.startsWith(BIRTH_PREFIX)) return "birth";
  return name.startsWith(STATE_PREFIX) ? "state" : "reading";
}

function issuer(value: Cbor | undefined): string {
  // RFC 8141: urn:NID:NSS; nothing outside printable ASCII, at most 255 characters.
  if (
    typeof value !== "string" ||
    !/^urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[!-~]{1,200}$/.test(value)
  ) {
    throw new FormatError("statement.issuer", JSON.stringify(value)?.slice(0, 80));
  }
  return value;
}

function subject(value: Cbor | undefined): string {
  if (typeof value !== "string" || !isPlace(value))
    throw new FormatError("statement.subject", JSON.stringify(value)?.slice(0, 80));
  return value;
}

/** Whether a text is a place: 1 to 8 segments of 1 to 64 characters of [a-z0-9-], joined by "/". */
export function isPlace(text: string): boolean {
  return /^[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64}){0,7}$/.test(text);
}

function issuedAt(value: Cbor | undefined): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= TIME_MAX)
    throw new FormatError("statement.time", String(value));
  return value;
}

function sequence(value: Cbor | undefined): number {
  if (!(value instanceof Uint8Array) || (value.length !== 4 && value.length !== 8))
    throw new FormatError("statement.sequence");
  const number = value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  if (number > BigInt(Number.MAX_SAFE_INTEGER))
    throw new FormatError("statement.sequence", String(number));
  return Number(number);
}
