// The delivery of one batch as a pure machine: (state, input) => state + output; a timeout is an input (D3, D9).

/** Retries wait a random part (full jitter) of `baseMs * 2^attempt`, at most `capMs`. */
export interface DeliveryLimits {
  readonly answerMsMax: number;
  readonly backoffBaseMs: number;
  readonly backoffMsMax: number;
}

export const deliveryLimits: DeliveryLimits = {
  answerMsMax: 30_000,
  backoffBaseMs: 250,
  backoffMsMax: 60_000,
};

export type Delivery =
  /** Nothing is under way; the next attempt starts at `at` (ms). */
  | { readonly phase: "pending"; readonly attempt: number; readonly at: number }
  /** A request is under way; without an answer by `deadline` (ms) it counts as lost. */
  | { readonly phase: "sent"; readonly attempt: number; readonly deadline: number }
  /** The receipt proved that the batch is final. */
  | { readonly phase: "accepted" }
  /** The ledger will not take this batch, however often it is asked. */
  | { readonly phase: "refused"; readonly code: string; readonly message: string }
  /** The ledger holds another root for this size: two histories carry this gateway's signature. */
  | { readonly phase: "forked"; readonly theirs: string };

export type DeliveryInput =
  | { readonly type: "timer"; readonly now: number }
  | { readonly type: "receipt-verified" }
  /** No usable answer: unreachable, busy, or a receipt that proves nothing. `random` in [0, 1). */
  | { readonly type: "failed"; readonly now: number; readonly random: number }
  | { readonly type: "refused"; readonly code: string; readonly message: string }
  | { readonly type: "conflict"; readonly theirs: string };

export type DeliveryOutput =
  | { readonly type: "send" }
  | { readonly type: "wait"; readonly until: number }
  | { readonly type: "finalise" }
  | { readonly type: "stop" };

export type DeliveryStep = { readonly state: Delivery; readonly output: DeliveryOutput };

/** A batch that may be sent at once. `now` in ms. */
export function newDelivery(now: number): Delivery {
  return { phase: "pending", attempt: 0, at: now };
}

/** The wait after attempt `attempt` (0 = the first), in ms: full jitter under a cap, but never none. */
export function backoffMs(attempt: number, random: number, limits: DeliveryLimits): number {
  const ceiling = Math.min(limits.backoffMsMax, limits.backoffBaseMs * 2 ** Math.min(attempt, 30));
  return Math.max(1, Math.floor(random * ceiling));
}

/** One step of the machine. An input that does not fit the phase changes nothing (late answers). */
export function deliver(
  state: Delivery,
  input: DeliveryInput,
  limits: DeliveryLimits = deliveryLimits,
): DeliveryStep {
  switch (state.phase) {
    case "pending":
      if (input.type !== "timer" || input.now < state.at) return wait(state, state.at);
      return {
        state: { phase: "sent", attempt: state.attempt, deadline: input.now + limits.answerMsMax },
        output: { type: "send" },
      };
    case "sent":
      return answered(state, input, limits);
    case "accepted":
      return { state, output: { type: "finalise" } };
    case "refused":
    case "forked":
      return { state, output: { type: "stop" } };
  }
}

function answered(
  state: Extract<Delivery, { phase: "sent" }>,
  input: DeliveryInput,
  limits: DeliveryLimits,
): DeliveryStep {
  switch (input.type) {
    case "timer":
      if (input.now < state.deadline) return wait(state, state.deadline);
      // The answer is lost, the batch perhaps not: the same bytes again are answered "already".
      return retry(state.attempt, input.now);
    case "failed":
      return retry(state.attempt, input.now + backoffMs(state.attempt, input.random, limits));
    case "receipt-verified":
      return { state: { phase: "accepted" }, output: { type: "finalise" } };
    case "refused":
      return {
        state: { phase: "refused", code: input.code, message: input.message },
        output: { type: "stop" },
      };
    case "conflict":
      return { state: { phase: "forked", theirs: input.theirs }, output: { type: "stop" } };
  }
}

function retry(attempt: number, at: number): DeliveryStep {
  return wait({ phase: "pending", attempt: attempt + 1, at }, at);
}

function wait(state: Delivery, until: number): DeliveryStep {
  return { state, output: { type: "wait", until } };
}
