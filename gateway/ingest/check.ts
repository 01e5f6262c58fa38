// Judges one message as far as that needs no state but the keys: strict parse, D7 signature, claims, body. Pure.

import {
  decode,
  type FormatCode,
  FormatError,
  keyThumbprint,
  leafHash,
  parseBody,
  parseStatement,
  type SenmlRecord,
  type Statement,
  toHex,
  verifySign1,
} from "@muniment/core";
import type { Finding, Parts } from "./checked.ts";
import { checkClaims, type Enrolment } from "./claims.ts";
import type { RefusalCode } from "./results.ts";

/** What a worker knows of one key. `kidHex` is its thumbprint: isNamedByThumbprint(). */
export interface WorkerKey extends Enrolment {
  readonly kidHex: string;
  readonly key: Uint8Array;
}

/** Whether a key goes by its own thumbprint: once a key, so that it need not be asked of every statement. */
export function isNamedByThumbprint({ key, kidHex }: WorkerKey): boolean {
  return toHex(keyThumbprint(key)) === kidHex;
}

/** The finding about one message. Never throws for what the message holds. */
export function checkMessage(payload: Uint8Array, keys: ReadonlyMap<string, WorkerKey>): Finding {
  let parts: Parts = { statementAt: 0, statementLength: payload.length, bodyAt: 0, bodyLength: 0 };
  let statement: Statement;
  try {
    parts = split(payload);
    statement = parseStatement(
      payload.subarray(parts.statementAt, parts.statementAt + parts.statementLength),
    );
  } catch (error) {
    const code = codeOf(error);
    return {
      code,
      parsed: false,
      kid: null,
      hash: leafHash(payload),
      sequence: 0,
      timeMax: 0,
      parts,
    };
  }
  const body =
    parts.bodyAt === 0 ? null : payload.subarray(parts.bodyAt, parts.bodyAt + parts.bodyLength);
  const key = keys.get(Buffer.from(statement.kid).toString("hex"));
  const { code, timeMax } = judge(statement, body, key);
  return {
    code,
    parsed: true,
    kid: statement.kid,
    hash: leafHash(statement.bytes),
    sequence: statement.sequence,
    timeMax,
    parts,
  };
}

function judge(
  statement: Statement,
  body: Uint8Array | null,
  key: WorkerKey | undefined,
): { readonly code: RefusalCode | null; readonly timeMax: number } {
  let timeMax = statement.issuedAt;
  if (key === undefined) return { code: "unknown-key", timeMax };
  if (!verifySign1(statement.sign1, key.key)) return { code: "bad-signature", timeMax };
  let records: readonly SenmlRecord[] = statement.records;
  if (statement.kind === "access") {
    if (body === null) return { code: "body-missing", timeMax };
    try {
      records = parseBody(statement, body);
    } catch (error) {
      const code = codeOf(error);
      return { code: code === "access.body" ? "body-mismatch" : code, timeMax };
    }
  } else if (body !== null) {
    return { code: "body-mismatch", timeMax };
  }
  for (const { time } of records) if (time > timeMax) timeMax = time;
  // What a device says of itself is kept and shown; which points it has, and their units, is the registry's to say.
  const readings = statement.kind === "birth" || statement.kind === "state" ? [] : records;
  return { code: checkClaims(statement, readings, key), timeMax };
}

const ARRAY_OF_TWO = 0x82;

/** F8: the payload is a statement, or the array [statement, body]. Errors: `cbor.*`, `cose.structure`. */
function split(payload: Uint8Array): Parts {
  if (payload[0] !== ARRAY_OF_TWO)
    return { statementAt: 0, statementLength: payload.length, bodyAt: 0, bodyLength: 0 };
  const pair = decode(payload);
  const [statement, body] = pair as readonly unknown[];
  if (!(statement instanceof Uint8Array) || !(body instanceof Uint8Array)) {
    throw new FormatError("cose.structure", "an array that is not [statement, body]");
  }
  // decode() has checked that heads are in their shortest form, so their lengths follow from the contents.
  const bodyAt = payload.length - body.length;
  const statementAt = bodyAt - headBytes(body.length) - statement.length;
  return { statementAt, statementLength: statement.length, bodyAt, bodyLength: body.length };
}

function headBytes(length: number): number {
  return length < 24 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
}

/** A stranger's bytes may only cause a FormatError; anything else is our fault and must be seen. */
function codeOf(error: unknown): FormatCode {
  if (error instanceof FormatError) return error.code;
  throw error;
}
