// A webhook: POST of JSON, signed with HMAC-SHA-256 over id, time and body (Standard Webhooks 1.0, symmetric signatures).

import { createHmac } from "node:crypto";
import { type Attempt, type Channel, failed } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import { jsonOf } from "./message.ts";

const gone = 410;
const retryAfterMsMax = 3_600_000;

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** HMAC keys; the first is the newest. */
  readonly secrets: readonly Uint8Array[];
  readonly answerMsMax: number;
}

export function createWebhook({ name, url, secrets, answerMsMax }: WebhookOptions): Channel {
  return {
    name,
    kind: "webhook",
    async send(delivery: Delivery, now: number, signal: AbortSignal): Promise<Attempt> {
      const body = jsonOf(delivery);
      const time = Math.floor(now / 1000);
      try {
        const response = await fetch(url, {
          method: "POST",
          body,
          headers: {
            "content-type": "application/json",
            "user-agent": "muniment",
            "webhook-id": delivery.id,
            "webhook-timestamp": String(time),
            "webhook-signature": signatureOf(delivery.id, time, body, secrets),
          },
          redirect: "manual",
          signal: AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]),
        });
        // What the receiver says beyond its status is not read.
        await response.body?.cancel();
        if (response.ok) return { ok: true, note: null };
        const retryAfter = Number(response.headers.get("retry-after"));
        const retryMsMin = retryAfter > 0 ? Math.min(retryAfter * 1000, retryAfterMsMax) : null;
        return failed(`HTTP ${response.status}`, retryMsMin, response.status === gone);
      } catch (error) {
        return failed(reasonOf(error, answerMsMax));
      }
    },
  };
}

/** The header's value: one signature a secret, of `<id>.<time>.<body>`; `time` in whole seconds since 1970. */
export function signatureOf(
  id: string,
  time: number,
  body: string,
  secrets: readonly Uint8Array[],
): string {
  return secrets
    .map((secret) => createHmac("sha256", secret).update(`${id}.${time}.${body}`).digest("base64"))
    .map((signature) => `v1,${signature}`)
    .join(" ");
}

/** Names the failure by its code: messages of the network hold addresses. */
function reasonOf(error: unknown, answerMsMax: number): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer within ${answerMsMax} ms`;
  if (error instanceof Error && error.name === "AbortError") return "interrupted";
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : "the connection failed";
}
