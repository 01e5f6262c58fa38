// What a board hears of its request: the gateway's word, or the bridge's own, as one CoAP response code (F9).

/** A response, but for what ties it to its request. */
export interface Answer {
  readonly code: AnswerCode;
  /** Seconds until it is worth asking again (4.29, 5.03), or that the answer stays true. */
  readonly maxAge?: number;
  /** The reason in the gateway's words, or what was asked for. */
  readonly payload?: Uint8Array;
  readonly contentFormat?: number;
}

export const ANSWER_CODES = {
  "2.04": "durable: admitted, late, or there before",
  "2.05": "the time",
  "4.00": "durable in quarantine: malformed, or not what this device is enrolled for",
  "4.01": "durable in quarantine: bad signature, or a key that is unknown, revoked or another's",
  "4.02": "an option that must be understood and is not",
  "4.04": "no such path",
  "4.05": "no such method there",
  "4.09":
    "durable in quarantine: the sequence number was used for other bytes, or is too old to tell",
  "4.13": "too large",
  "4.15": "a content format other than 18 and 60",
  "4.29": "too many at a time: ask again later",
  "5.03": "not durable: ask again later",
} as const;

export type AnswerCode = keyof typeof ANSWER_CODES;

/** Every result that `down/ack` names, but for the codes of formats, which come in families. */
const RESULTS: Readonly<Record<string, AnswerCode>> = {
  admitted: "2.04",
  late: "2.04",
  duplicate: "2.04",
  "bad-signature": "4.01",
  "unknown-key": "4.01",
  "revoked-key": "4.01",
  "wrong-building": "4.01",
  "wrong-device": "4.01",
  conflict: "4.09",
  "sequence-too-old": "4.09",
  "too-large": "4.13",
  "statement.too-large": "4.13",
  future: "4.00",
  "body-missing": "4.00",
  "body-mismatch": "4.00",
  "wrong-issuer": "4.00",
  "wrong-subject": "4.00",
  "unknown-point": "4.00",
  "unit-mismatch": "4.00",
};

/** The codes of core for bytes that do not obey a format come in families: cbor.…, cose.…, senml.…, statement.…, access.… */
const OF_FORMATS = /^[a-z]+(-[a-z]+)*\./;

/** Whether the bridge knows what a result means. */
export function isKnownResult(result: string): boolean {
  return Object.hasOwn(RESULTS, result) || OF_FORMATS.test(result);
}

/**
 * The answer for a result of the gateway. Whatever it says is durable, so a result that is not known here is no reason to send
 * again.
 */
export function answerOf(result: string): Answer {
  const code = Object.hasOwn(RESULTS, result) ? RESULTS[result]! : "4.00";
  // RFC 7252 5.5.2: an error may carry a diagnostic text.
  return code === "2.04" ? { code } : { code, payload: Buffer.from(result) };
}

/** The answer when nothing is durable: the board keeps the statement and asks again. */
export function laterAnswer(why: string, maxAge: number): Answer {
  return { code: "5.03", maxAge, payload: Buffer.from(why) };
}
