// The bridge's side of one line as a machine: (state, input) => state and outputs; time and timeouts are inputs (F9, RFC 7252 4).

import { equal } from "@muniment/core";
import { type Answer, type AnswerCode, laterAnswer } from "./answer.ts";
import {
  type CoapMessage,
  decodeHead,
  decodeMessage,
  EMPTY,
  encodeMessage,
  encodeReset,
  NO_BYTES,
  uintOf,
  uintOption,
} from "./coap.ts";

export interface LinkLimits {
  /** Requests without an answer. */
  readonly pendingMax: number;
  /** A request without an outcome is answered 5.03 after this: within a board's MAX_TRANSMIT_SPAN (RFC 7252 4.8.2). */
  readonly answerMsMax: number;
  /** How long an answer is remembered under its message id: EXCHANGE_LIFETIME. Beyond it the gateway knows the sequence number. */
  readonly exchangeMsMax: number;
  /** Answers remembered. */
  readonly rememberedMax: number;
  /** Max-Age of 4.29 and of 5.03. */
  readonly retrySeconds: number;
}

export const linkLimits: LinkLimits = {
  pendingMax: 32,
  answerMsMax: 15_000,
  exchangeMsMax: 247_000,
  rememberedMax: 64,
  retrySeconds: 2,
};

/** A request that waits for its outcome. */
interface Pending {
  readonly exchange: number;
  readonly request: Uint8Array;
  readonly token: Uint8Array;
}

/** A response that was sent, for a request that may come again. */
interface Answered {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly until: number;
}

/** Both maps are by message id. */
export interface LinkState {
  readonly exchanges: number;
  readonly pending: ReadonlyMap<number, Pending>;
  readonly answered: ReadonlyMap<number, Answered>;
}

export type LinkInput =
  /** A new connection: another board may be there now. */
  | { readonly kind: "opened" }
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly now: number }
  /** The beginning of a message that is longer than allowed. */
  | { readonly kind: "oversize"; readonly head: Uint8Array; readonly now: number }
  | {
      readonly kind: "outcome";
      readonly exchange: number;
      readonly answer: Answer;
      readonly now: number;
    }
  | { readonly kind: "timeout"; readonly exchange: number; readonly now: number };

export type LinkEvent =
  | "ping"
  | "reset"
  | "retransmission"
  /** A new request under the message id of one that still waited: the board began anew. */
  | "superseded"
  /** Nothing to answer: not confirmable, and no request. */
  | "ignored"
  /** An outcome for a request that is not waited for any more. */
  | "outdated";

export type LinkOutput =
  | { readonly kind: "send"; readonly message: Uint8Array; readonly code: AnswerCode | null }
  /** A statement to be judged; its `outcome` comes back as an input, or after `ms` its `timeout`. */
  | {
      readonly kind: "judge";
      readonly exchange: number;
      readonly payload: Uint8Array;
      readonly ms: number;
    }
  | { readonly kind: "time"; readonly exchange: number; readonly ms: number }
  | { readonly kind: "event"; readonly event: LinkEvent };

export interface LinkStep {
  readonly state: LinkState;
  readonly outputs: readonly LinkOutput[];
}

export const linkStart: LinkState = { exchanges: 0, pending: new Map(), answered: new Map() };

/** One step. Never throws for what comes over the line. */
export function linkStep(state: LinkState, input: LinkInput, limits: LinkLimits): LinkStep {
  switch (input.kind) {
    case "opened":
      return { state: { ...linkStart, exchanges: state.exchanges }, outputs: [] };
    case "message":
      return receive(state, input.bytes, input.now, limits);
    case "oversize": {
      const head = decodeHead(input.head);
      if (head === null) return { state, outputs: [event("ignored")] };
      return { state, outputs: [respond(head, { code: "4.13" })] };
    }
    case "outcome":
      return finish(state, input.exchange, input.answer, input.now, limits);
    case "timeout":
      return finish(
        state,
        input.exchange,
        laterAnswer("no outcome in time", limits.retrySeconds),
        input.now,
        limits,
      );
  }
}

function receive(state: LinkState, bytes: Uint8Array, now: number, limits: LinkLimits): LinkStep {
  const message = decodeMessage(bytes);
  if (message.type === "fault")
    return { state, outputs: message.resets === null ? [event("ignored")] : reset(message.resets) };
  // The bridge asks nothing, so nothing is an answer to it.
  if (message.type === "ACK" || message.type === "RST")
    return { state, outputs: [event("ignored")] };
  const { code, messageId } = message;
  // RFC 7252 4.3: an empty confirmable message is a ping, and a reset is the answer.
  if (message.type === "CON" && code === EMPTY)
    return { state, outputs: [event("ping"), pong(messageId)] };
  if (message.type === "NON" || !code.startsWith("0.")) return { state, outputs: reset(messageId) };

  const waiting = state.pending.get(messageId);
  // Silence, until the outcome is known: the board's own retransmission is the only clock in this exchange (decision 7).
  if (waiting !== undefined && equal(waiting.request, bytes))
    return { state, outputs: [event("retransmission")] };
  const answered = state.answered.get(messageId);
  if (answered !== undefined && answered.until > now && equal(answered.request, bytes))
    return {
      state,
      outputs: [event("retransmission"), { kind: "send", message: answered.response, code: null }],
    };
  // The same message id with other bytes is another request: a board that restarts may count from the beginning. What
  // waited under this id is not answered any more, for its answer would be taken for this one's.
  const began = waiting === undefined ? [] : [event("superseded")];
  const pending = without(state.pending, messageId);
  const request = routed(message);
  if (request.kind === "answer")
    return answer(
      { ...state, pending },
      { messageId, request: bytes, token: message.token },
      request.answer,
      now,
      limits,
      began,
    );
  if (pending.size >= limits.pendingMax)
    return answer(
      { ...state, pending },
      { messageId, request: bytes, token: message.token },
      { code: "4.29", maxAge: limits.retrySeconds },
      now,
      limits,
      began,
    );
  const exchange = state.exchanges + 1;
  pending.set(messageId, { exchange, request: bytes, token: message.token });
  const ms = limits.answerMsMax;
  const asked: LinkOutput =
    request.kind === "time"
      ? { kind: "time", exchange, ms }
      : { kind: "judge", exchange, payload: message.payload, ms };
  return {
    state: { exchanges: exchange, pending, answered: state.answered },
    outputs: [...began, asked],
  };
}

function finish(
  state: LinkState,
  exchange: number,
  outcome: Answer,
  now: number,
  limits: LinkLimits,
): LinkStep {
  for (const [messageId, waiting] of state.pending) {
    if (waiting.exchange !== exchange) continue;
    const pending = without(state.pending, messageId);
    return answer({ ...state, pending }, { ...waiting, messageId }, outcome, now, limits, []);
  }
  return { state, outputs: [event("outdated")] };
}

/** Sends an answer, and remembers it for as long as it stays true. */
function answer(
  state: LinkState,
  to: { readonly messageId: number; readonly request: Uint8Array; readonly token: Uint8Array },
  given: Answer,
  now: number,
  limits: LinkLimits,
  before: readonly LinkOutput[],
): LinkStep {
  const sent = respond(to, given);
  // The map keeps the order in which it was filled: the first is the oldest.
  const answered = without(state.answered, to.messageId);
  const ms = Math.min(limits.exchangeMsMax, (given.maxAge ?? Number.POSITIVE_INFINITY) * 1_000);
  if (ms > 0)
    answered.set(to.messageId, { request: to.request, response: sent.message, until: now + ms });
  for (const [messageId, { until }] of answered) {
    if (answered.size <= limits.rememberedMax && until > now) break;
    answered.delete(messageId);
  }
  return { state: { ...state, answered }, outputs: [...before, sent] };
}

type Routed =
  | { readonly kind: "statement" }
  | { readonly kind: "time" }
  | { readonly kind: "answer"; readonly answer: Answer };

/** COSE_Sign1 (RFC 9052 11.3.1): a statement. */
const FORMAT_COSE = 18;
/** CBOR (RFC 8949 9.3): the array [statement, body] of an access event. */
const FORMAT_CBOR = 60;

/** Options that must be understood have odd numbers (RFC 7252 5.4.6); these do not, though they have names here. */
const ELECTIVE: ReadonlySet<string> = new Set([
  ...["ETag", "Observe", "Location-Path", "Content-Format", "Max-Age", "Hop-Limit"],
  ...["Location-Query", "Size2", "Size1", "No-Response"],
]);
const UNDERSTOOD: ReadonlySet<string> = new Set(["Uri-Path", "Uri-Host", "Uri-Port"]);

/** POST /r and GET /t; everything else has its answer at once. */
function routed({ code, options }: CoapMessage): Routed {
  const no = (refusal: AnswerCode): Routed => ({ kind: "answer", answer: { code: refusal } });
  const understood = options.every(
    ({ name }) => UNDERSTOOD.has(name) || ELECTIVE.has(name) || /^\d*[02468]$/.test(name),
  );
  if (!understood) return no("4.02");
  const path = options
    .filter(({ name }) => name === "Uri-Path")
    .map(({ value }) => Buffer.from(value).toString("latin1"))
    .join("/");
  const method = path === "r" ? "0.02" : path === "t" ? "0.01" : null;
  if (method === null) return no("4.04");
  if (code !== method) return no("4.05");
  if (path === "t") return { kind: "time" };
  const format = options.find(({ name }) => name === "Content-Format");
  const number = format === undefined ? null : uintOf(format);
  return number === FORMAT_COSE || number === FORMAT_CBOR ? { kind: "statement" } : no("4.15");
}

/** A piggybacked response (RFC 7252 5.2.1): the acknowledgement is the answer. */
function respond(
  to: { readonly messageId: number; readonly token: Uint8Array },
  { code, maxAge, payload = NO_BYTES, contentFormat }: Answer,
): Extract<LinkOutput, { kind: "send" }> {
  const message = encodeMessage({
    type: "ACK",
    code,
    messageId: to.messageId,
    token: to.token,
    options: [
      ...(contentFormat === undefined ? [] : [uintOption("Content-Format", contentFormat)]),
      ...(maxAge === undefined ? [] : [uintOption("Max-Age", maxAge)]),
    ],
    payload,
  });
  return { kind: "send", message, code };
}

function pong(messageId: number): LinkOutput {
  return { kind: "send", message: encodeReset(messageId), code: null };
}

function reset(messageId: number): readonly LinkOutput[] {
  return [event("reset"), pong(messageId)];
}

function event(name: LinkEvent): LinkOutput {
  return { kind: "event", event: name };
}

function without<V>(map: ReadonlyMap<number, V>, key: number): Map<number, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
