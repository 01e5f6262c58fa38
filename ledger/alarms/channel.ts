// The port of a channel: how one message leaves this node. Whatever goes wrong is a value, for it decides when to try again.

import type { Delivery } from "./delivery.ts";

/** What became of one attempt. `error` is short, for people, and holds neither secrets nor addresses. */
export type Attempt =
  | { readonly ok: true; readonly note: string | null }
  | {
      readonly ok: false;
      readonly error: string;
      /** Wait at least this long, as the receiver asked. */
      readonly retryMsMin: number | null;
      /** The receiver wants no more of this message. */
      readonly final: boolean;
    };

export interface Channel {
  readonly name: string;
  readonly kind: "webhook" | "smtp";
  /** Sends once, at `now` ms. Never rejects. `signal` ends an attempt early. */
  send(delivery: Delivery, now: number, signal: AbortSignal): Promise<Attempt>;
}

/** A failed attempt. */
export function failed(error: string, retryMsMin: number | null = null, final = false): Attempt {
  return { ok: false, error: error.slice(0, errorCharactersMax), retryMsMin, final };
}

const errorCharactersMax = 200;
