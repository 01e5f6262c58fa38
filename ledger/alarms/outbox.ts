// The durable outbox: messages that wait, one queue and one sender a channel, so that a dead mail server holds nothing else up.
// A message is marked as delivered after it was: whoever dies between sends it again, under the same id.

import type { Clock } from "../ports.ts";
import type { Attempt, Channel } from "./channel.ts";
import { type Delivery, end } from "./delivery.ts";
import type { AlarmStore } from "./store.ts";

/** How failed attempts are repeated. */
export interface RetryLimits {
  /** Wait before the second attempt; it doubles each time. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** Age at which a message is given up. */
  readonly giveUpMs: number;
}

export interface OutboxParts {
  readonly store: AlarmStore;
  readonly channels: readonly Channel[];
  readonly limits: RetryLimits;
  readonly clock: Clock;
  /** From [0, 1): spreads attempts. */
  readonly random: () => number;
}

/** How a channel fares. Times in ms. */
export interface ChannelState {
  readonly name: string;
  readonly kind: Channel["kind"];
  readonly waiting: number;
  readonly deliveredAt: number | null;
  /** The last failure since something was delivered; null when all is well. */
  readonly error: string | null;
}

interface Queue {
  readonly channel: Channel;
  readonly waiting: Map<string, Delivery>;
  inFlight: string | null;
  deliveredAt: number | null;
  error: string | null;
  wake: (() => void) | null;
  woken: boolean;
  loop: Promise<void> | null;
}

/** Longest sleep of a sender: timers have no use for more. */
const sleepMsMax = 3_600_000;
const storeRetryMs = 1_000;

/** Ends of messages, for whoever counts them. */
type OutcomeListener = (channel: string, result: "delivered" | "failed" | "given-up") => void;

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #listeners = new Set<OutcomeListener>();
  readonly #closing = new AbortController();

  private constructor(parts: OutboxParts, queues: ReadonlyMap<string, Queue>) {
    this.#parts = parts;
    this.#queues = queues;
  }

  /** Takes up what waits. Messages of a channel that is no longer configured are given up. */
  static async open(parts: OutboxParts): Promise<Outbox> {
    const queues = new Map(
      parts.channels.map((channel): [string, Queue] => [
        channel.name,
        {
          channel,
          waiting: new Map(),
          inFlight: null,
          deliveredAt: null,
          error: null,
          wake: null,
          woken: false,
          loop: null,
        },
      ]),
    );
    const lost: Delivery[] = [];
    for (const delivery of await parts.store.waiting()) {
      const queue = queues.get(delivery.channel);
      if (queue !== undefined) queue.waiting.set(delivery.id, delivery);
      else lost.push(end(delivery, "given-up", parts.clock.now(), "no such channel is configured"));
    }
    if (lost.length > 0) await parts.store.write({ deliveries: lost });
    return new Outbox(parts, queues);
  }

  start(): void {
    for (const queue of this.#queues.values()) queue.loop = this.#run(queue);
  }

  channels(): readonly ChannelState[] {
    return [...this.#queues.values()].map(({ channel, waiting, deliveredAt, error }) => ({
      name: channel.name,
      kind: channel.kind,
      waiting: waiting.size,
      deliveredAt,
      error,
    }));
  }

  /** Whether a message waits and is not being sent at this moment, so that it can be taken back. */
  isAtRest(id: string): boolean {
    return [...this.#queues.values()].some(
      ({ waiting, inFlight }) => waiting.has(id) && inFlight !== id,
    );
  }

  waiting(channel: string): number {
    return this.#queues.get(channel)?.waiting.size ?? 0;
  }

  /** Deliveries that end now are no longer sent; call before they are written, so that none slips out meanwhile. */
  withdraw(deliveries: readonly Delivery[]): void {
    for (const { id, channel, state } of deliveries)
      if (state !== "waiting") this.#queues.get(channel)?.waiting.delete(id);
  }

  /** Deliveries that were written and wait: they may leave now. */
  accept(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const queue = this.#queues.get(delivery.channel);
      if (queue === undefined || delivery.state !== "waiting") continue;
      queue.waiting.set(delivery.id, delivery);
      signal(queue);
    }
  }

  /** Called with the end of each attempt; returns the way to stop it. */
  onOutcome(listener: OutcomeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Interrupts what is being sent; it is sent again after the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const queue of this.#queues.values()) signal(queue);
    for (const { loop } of this.#queues.values()) await loop;
  }

  async #run(queue: Queue): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const now = this.#parts.clock.now();
      const next = nextOf(queue.waiting.values());
      if (next === null || next.dueAt > now) {
        await sleep(queue, next === null ? sleepMsMax : Math.min(next.dueAt - now, sleepMsMax));
        continue;
      }
      queue.inFlight = next.id;
      try {
        await this.#attempt(queue, next);
      } catch {
        // The store refused: what became of the message is not written, so it will be sent again.
        await sleep(queue, storeRetryMs);
      } finally {
        queue.inFlight = null;
      }
    }
  }

  async #attempt(queue: Queue, delivery: Delivery): Promise<void> {
    const { clock, store } = this.#parts;
    const attempt = await queue.channel.send(delivery, clock.now(), this.#closing.signal);
    if (this.#closing.signal.aborted && !attempt.ok) return;
    const now = clock.now();
    const after = this.#after({ ...delivery, attempts: delivery.attempts + 1, at: now }, attempt);
    // If we die here, the receiver may hear of it twice, under one id.
    await store.write({ deliveries: [after] });
    if (after.state === "waiting") queue.waiting.set(after.id, after);
    else queue.waiting.delete(after.id);
    queue.error = attempt.ok ? null : attempt.error;
    if (attempt.ok) queue.deliveredAt = now;
    const result = after.state === "waiting" ? "failed" : after.state;
    if (result === "delivered" || result === "failed" || result === "given-up")
      for (const listener of this.#listeners) listener(queue.channel.name, result);
  }

  #after(delivery: Delivery, attempt: Attempt): Delivery {
    const { limits, random } = this.#parts;
    const { at } = delivery;
    if (attempt.ok) return end(delivery, "delivered", at, attempt.note);
    const dueAt = at + retryMs(limits, delivery.attempts, attempt.retryMsMin, random());
    if (attempt.final || dueAt - delivery.createdAt > limits.giveUpMs)
      return end(delivery, "given-up", at, attempt.error);
    return { ...delivery, dueAt, error: attempt.error };
  }
}

/**
 * The wait after attempt number `attempts` failed, in ms: doubling, half of it by chance, so that senders that failed together do
 * not come back together; `chance` is from [0, 1).
 */
export function retryMs(
  { retryMsMin, retryMsMax }: RetryLimits,
  attempts: number,
  asked: number | null,
  chance: number,
): number {
  const full = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(attempts - 1, 30));
  return Math.max(asked ?? 0, Math.round(full / 2 + (full / 2) * chance));
}

/** The message that is due first; of one alarm only the earliest, for news of an end must not overtake that of the beginning. */
function nextOf(waiting: Iterable<Delivery>): Delivery | null {
  const heads = new Map<string, Delivery>();
  for (const delivery of waiting) {
    const of = delivery.alarm ?? delivery.id;
    const head = heads.get(of);
    if (head === undefined || isEarlier(delivery, head)) heads.set(of, delivery);
  }
  let next: Delivery | null = null;
  for (const head of heads.values()) if (next === null || head.dueAt < next.dueAt) next = head;
  return next;
}

const ORDER = { opened: 0, reopened: 1, closed: 2, summary: 3 } as const;

function isEarlier(a: Delivery, b: Delivery): boolean {
  return (
    a.createdAt < b.createdAt || (a.createdAt === b.createdAt && ORDER[a.event] < ORDER[b.event])
  );
}

function signal(queue: Queue): void {
  queue.woken = true;
  queue.wake?.();
}

async function sleep(queue: Queue, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  if (!queue.woken)
    await new Promise<void>((resolve) => {
      queue.wake = resolve;
      timer = setTimeout(resolve, ms);
    });
  clearTimeout(timer);
  queue.wake = null;
  queue.woken = false;
}
