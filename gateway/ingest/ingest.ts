// Joins the steps of one statement: verify → admit → journal or quarantine → durable outcome (life of a reading 2 to 4).

import { GatewayError } from "../errors.ts";
import type { Journal, Placed } from "../journal/journal.ts";
import type { Quarantine, QuarantineEntry } from "../journal/quarantine.ts";
import type { Clock, Keyring } from "../ports.ts";
import { type AdmitLimits, admit } from "./admit.ts";
import type { Checked } from "./checked.ts";
import { type Counters, count } from "./counters.ts";
import type { Dedup } from "./dedup.ts";
import { Held } from "./held.ts";
import type { RefusalCode, Result } from "./results.ts";
import { createVerifyPool } from "./verify-pool.ts";

export interface IngestLimits extends AdmitLimits {
  readonly verifyWorkers: number;
  /** Longest payload that is looked at. */
  readonly payloadBytesMax: number;
  /** Statements between arrival and outcome. */
  readonly inFlightMax: number;
  /** Statements of unknown keys that wait in quarantine: each has its place in memory. */
  readonly heldMax: number;
  /** Pause before held statements are examined again when journal or quarantine had no room. */
  readonly retryMs: number;
}

export const ingestLimits: IngestLimits = {
  verifyWorkers: 2,
  payloadBytesMax: 8_300,
  inFlightMax: 16_384,
  heldMax: 65_536,
  futureMsMax: 300_000,
  retryMs: 5_000,
};

/** A message as the broker hands it over: building and device are those of the topic. */
export interface Message {
  readonly building: string;
  readonly device: string;
  readonly payload: Uint8Array;
}

/** What became of a message. Only what is durable may be acknowledged. `result`: admitted, late, duplicate, or the
 * code under which it lies in quarantine. */
export type Outcome =
  | {
      readonly durable: true;
      readonly result: Result;
      readonly sequence: number | null;
      readonly hash: Uint8Array;
      readonly arrivedAt: number;
    }
  | { readonly durable: false; readonly error: GatewayError };

export interface IngestOptions {
  readonly keyring: Keyring;
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  /** Holds the stored windows, and what was replayed. */
  readonly dedup: Dedup;
  readonly clock: Clock;
  readonly limits: IngestLimits;
  readonly counters: Counters;
  /** Told of each admitted record once it is durable, in journal order. */
  readonly onDurable: (placed: Placed) => void;
}

export interface Ingest {
  /** Takes a message; `done` is called once, when its outcome is durable or it is known that it will not be. */
  receive(message: Message, done: (outcome: Outcome) => void): void;
  /** Resolves when no statement is in flight and no held one is being examined. */
  settled(): Promise<void>;
  /** Ends the workers; what is in flight is not acknowledged. */
  close(): Promise<void>;
}

/** A message on its way to its outcome. */
interface Arrival {
  readonly message: Message;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** Its entry in quarantine, when it waited there for its key. */
  readonly held: QuarantineEntry | null;
  readonly done: (outcome: Outcome) => void;
}

const REEXAMINED_AT_ONCE_MAX = 64;

/** Starts ingest, and examines at once what waits in quarantine for keys that are known now. */
export async function createIngest(options: IngestOptions): Promise<Ingest> {
  const { keyring, journal, quarantine, dedup, clock, limits, counters, onDurable } = options;
  const pool = await createVerifyPool({
    keyring,
    workers: limits.verifyWorkers,
    counters,
    onResult: (arrival: Arrival, result) => {
      if (result instanceof GatewayError) fail(arrival, result);
      else settle(arrival, result);
    },
  });
  const held = new Held();
  for (const { id, kid } of quarantine.unknownKeys) held.add(Buffer.from(kid).toString("hex"), id);
  counters.heldNow = held.count();
  let closed = false;
  let examining: Promise<void> | null = null;
  let examineAgain = false;
  let cancelRetry: (() => void) | null = null;
  let whenIdle: (() => void)[] = [];

  /** The outcome is durable. */
  function finish(arrival: Arrival, checked: Checked, result: Result): void {
    const sequence = checked.parsed ? checked.sequence : null;
    answer(arrival, {
      durable: true,
      result,
      sequence,
      hash: checked.hash,
      arrivedAt: arrival.arrivedAt,
    });
  }

  function fail(arrival: Arrival, error: unknown): void {
    answer(arrival, { durable: false, error: asGatewayError(error) });
  }

  /** What was held is examined by us: only what a client sent is counted. */
  function answer({ held: again, done }: Arrival, outcome: Outcome): void {
    if (again === null) {
      counters.inFlightNow -= 1;
      tally(outcome);
    }
    done(outcome);
    if (again === null && whenIdle.length > 0) wakeIdle();
  }

  /** Decides about a checked message and makes the decision durable. */
  function settle(arrival: Arrival, checked: Checked): void {
    const { message, held: again } = arrival;
    const { kidHex, sequence, hash } = checked;
    const fits = checked.parsed && checked.code === null;
    const verdict = fits ? dedup.judge(kidHex, sequence, hash) : "new";
    const key = checked.parsed ? keyring.find(kidHex) : undefined;
    const { building, device } = message;
    const now = clock.now();
    const admission = admit({ checked, building, device, key, verdict, now }, limits);

    if (again === null && admission.kind !== "refused" && held.has(kidHex)) {
      quarantined(arrival, checked, "unknown-key");
    } else if (admission.kind === "admitted") {
      admitted(arrival, checked, key!.kid, admission.late);
    } else if (admission.kind === "duplicate") {
      // The first copy may still be on its way to the disk: this one shares its fate.
      dedup.whenSettled(kidHex, sequence, (durable) => {
        if (durable) finish(arrival, checked, "duplicate");
        else
          fail(arrival, new GatewayError("journal.write", "the first copy did not become durable"));
      });
    } else if (again !== null && admission.code === "unknown-key") {
      finish(arrival, checked, "unknown-key");
    } else {
      quarantined(arrival, checked, admission.code);
    }
  }

  /** Into the journal. `kid` is the registry's: the same bytes as the statement's, but not a part of the worker's answer. */
  function admitted(arrival: Arrival, checked: Checked, kid: Uint8Array, late: boolean): void {
    const { kidHex, sequence, statement, body, hash } = checked;
    const record = { arrivedAt: arrival.arrivedAt, late, kid, sequence, statement, body };
    dedup.reserve(kidHex, sequence, hash);
    journal.appendThen(record, (outcome) => {
      const durable = !(outcome instanceof GatewayError);
      dedup.settle(kidHex, sequence, durable);
      if (!durable) return fail(arrival, outcome);
      onDurable({ record, leaf: hash, next: outcome });
      finish(arrival, checked, late ? "late" : "admitted");
    });
  }

  function quarantined(arrival: Arrival, checked: Checked, reason: RefusalCode): void {
    keep(arrival.message, checked, reason, arrival.arrivedAt).then(
      (result) => finish(arrival, checked, result),
      (error: unknown) => fail(arrival, error),
    );
  }

  /** Puts a message in quarantine; resolves with the reason once it is durable. */
  async function keep(
    message: Message,
    checked: Checked | null,
    reason: RefusalCode,
    arrivedAt: number,
  ): Promise<RefusalCode> {
    const { building, device, payload } = message;
    const kid = checked?.parsed ? checked.kid : null;
    const waits = reason === "unknown-key" && checked !== null;
    if (waits && held.count() >= limits.heldMax)
      throw new GatewayError("quarantine.held", `${limits.heldMax}`);
    if (waits) held.arrives(checked.kidHex);
    let id: number | null = null;
    try {
      const sequence = checked?.parsed ? checked.sequence : null;
      id = await quarantine.add({ arrivedAt, reason, building, device, kid, sequence, payload });
    } finally {
      if (waits) {
        held.arrived(checked.kidHex, id);
        counters.heldNow = held.count();
        // The key may have been enrolled while the message was on its way.
        if (keyring.find(checked.kidHex) !== undefined) examineHeld();
      }
    }
    return reason;
  }

  /** Begins to examine what waits for keys that are known now. */
  function examineHeld(): void {
    if (closed) return;
    examineAgain = true;
    examining ??= examineAll().finally(() => {
      examining = null;
      wakeIdle();
    });
  }

  async function examineAll(): Promise<void> {
    while (examineAgain && !closed) {
      examineAgain = false;
      for (const kidHex of held.keys()) {
        while (keyring.find(kidHex) !== undefined && held.oldest(kidHex, 1).length > 0 && !closed) {
          if (!(await examineOldest(kidHex))) break;
        }
      }
    }
  }

  /** Examines the oldest held statements of one key. False when it must be tried again later. */
  async function examineOldest(kidHex: string): Promise<boolean> {
    const ids = held.oldest(kidHex, REEXAMINED_AT_ONCE_MAX);
    const entries = await Promise.all(ids.map((id) => quarantine.get(id)));
    const outcomes = await Promise.all(
      entries.map((entry) => new Promise<Outcome>((resolve) => examine(entry, resolve))),
    );
    let settledCount = 0;
    for (const [i, outcome] of outcomes.entries()) {
      if (!outcome.durable || outcome.result === "unknown-key") break;
      // Die here: the statement stands in journal or quarantine and its old entry still waits; the next start
      // examines it again and finds a duplicate.
      const done = await quarantine.settle(entries[i]!, outcome.result).then(
        () => true,
        () => false,
      );
      if (!done) break;
      settledCount += 1;
      if (outcome.result === "admitted" || outcome.result === "late") counters.released += 1;
    }
    held.removeOldest(kidHex, settledCount);
    counters.heldNow = held.count();
    if (settledCount === ids.length) return true;
    cancelRetry?.();
    if (!closed) cancelRetry = clock.after(limits.retryMs, examineHeld);
    return false;
  }

  function examine(entry: QuarantineEntry, done: (outcome: Outcome) => void): void {
    const { arrivedAt, payload, sequence } = entry;
    // It waited longer than the body of an access event may lie here: nobody can say any more what it was.
    if (payload === null)
      done({ durable: true, result: "body-missing", sequence, hash: NO_HASH, arrivedAt });
    else pool.submit(payload, { message: { ...entry, payload }, arrivedAt, held: entry, done });
  }

  function tally(outcome: Outcome): void {
    if (!outcome.durable) count(counters.notAcknowledged, outcome.error.code);
    else if (
      outcome.result === "admitted" ||
      outcome.result === "late" ||
      outcome.result === "duplicate"
    )
      counters[outcome.result] += 1;
    else count(counters.quarantined, outcome.result);
  }

  function wakeIdle(): void {
    if (counters.inFlightNow > 0 || examining !== null) return;
    const waiting = whenIdle;
    whenIdle = [];
    for (const wake of waiting) wake();
  }

  const unsubscribe = keyring.onChange(examineHeld);
  examineHeld();

  return {
    receive(message, done) {
      counters.received += 1;
      const arrivedAt = clock.now();
      const refusal = closed
        ? new GatewayError("ingest.closed")
        : counters.inFlightNow >= limits.inFlightMax
          ? new GatewayError("ingest.busy", `${counters.inFlightNow}`)
          : null;
      if (refusal !== null) {
        const outcome: Outcome = { durable: false, error: refusal };
        tally(outcome);
        done(outcome);
        return;
      }
      counters.inFlightNow += 1;
      const arrival: Arrival = { message, arrivedAt, held: null, done };
      if (message.payload.length > limits.payloadBytesMax) {
        keep(message, null, "too-large", arrivedAt).then(
          (result) =>
            answer(arrival, { durable: true, result, sequence: null, hash: NO_HASH, arrivedAt }),
          (error: unknown) => fail(arrival, error),
        );
        return;
      }
      pool.submit(message.payload, arrival);
    },

    settled: () =>
      new Promise((resolve) => {
        whenIdle.push(resolve);
        wakeIdle();
      }),

    async close() {
      closed = true;
      unsubscribe();
      cancelRetry?.();
      await pool.close();
      await examining;
    },
  };
}

/** A message that was too large to be looked at has no hash. */
const NO_HASH = new Uint8Array(0);

/** Anything else than a GatewayError is a broken invariant: it must not pass as one. */
function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  throw error;
}
