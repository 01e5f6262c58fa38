// Drives the delivery of closed batches, one anchor in flight, from a durable cursor (life of a reading 6 and 8, D14).

import { FormatError, openCheckpoint, type Signer } from "@muniment/core";
import { decode, encode } from "cbor-x";
import type { Alarms } from "../alarms.ts";
import { GatewayError } from "../errors.ts";
import type { Batch, Log } from "../log/log.ts";
import type { Clock, Random } from "../ports.ts";
import type { Store } from "../store.ts";
import {
  backoffMs,
  type Delivery,
  type DeliveryInput,
  type DeliveryLimits,
  deliver,
  newDelivery,
} from "./delivery.ts";
import type { BatchAnswer, LedgerClient } from "./ledger-client.ts";
import type { LedgerView } from "./ledger-view.ts";
import {
  type Anchored,
  parseReceipt,
  proveReceipt,
  type Receipt,
  type ReceiptTerms,
} from "./receipt.ts";
import { provenChange, type Registry } from "./registry.ts";
import { batchRequest } from "./request.ts";

export interface SyncOptions {
  readonly terms: ReceiptTerms;
  /** Signs anchors: the gateway key. */
  readonly signer: Signer;
  readonly log: Log;
  readonly client: LedgerClient;
  readonly view: LedgerView;
  readonly registry: Registry;
  readonly state: Store;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: DeliveryLimits;
  readonly registryPollMs: number;
  /** Two histories carry this log's signature, or would: nothing more may be signed. */
  readonly onHalt: () => void;
  /** The log was rebuilt from the archive, and closes batches again. */
  readonly onRebuilt: () => void;
}

/** Two histories carry this log's signature; `theirs` is the note that shows it. */
type Forked = Extract<Delivery, { phase: "forked" }>;

export interface SyncStatus {
  readonly phase: "idle" | Delivery["phase"];
  /** Leaves proven final. */
  readonly anchoredSize: number;
  /** Block time of the last anchor, in ms; 0 before the first. */
  readonly anchoredAt: number;
  /** Arrival of the oldest reading in a closed batch that is not final, in ms; null when there is none. */
  readonly oldestSince: number | null;
  readonly attempts: number;
  readonly receipts: number;
}

export interface Sync {
  /** Asks where the ledger stands, and for new keys, before anything new is signed. Unreachable nodes are no obstacle. */
  look(): Promise<void>;
  /** Delivers what is closed, and follows the registry, until stopped. */
  start(): void;
  /** A batch was closed. */
  wake(): void;
  status(): SyncStatus;
  /** The stored receipt of an anchored size, or null. */
  receipt(size: number): Promise<Uint8Array | null>;
  stop(): Promise<void>;
}

const ANCHORED = "sync/anchored";
const receiptKey = (size: number): string => `receipt/${String(size).padStart(16, "0")}`;

const neverAnchored: Anchored = {
  size: 0,
  root: new Uint8Array(0),
  index: 0,
  time: 0,
  registry: 0,
};

/** Opens the cursor. Nothing is sent before `start`. */
export async function openSync(options: SyncOptions): Promise<Sync> {
  const { log, client, view, registry, state, alarms, clock, random, limits, terms } = options;
  const stored = await state.get(ANCHORED);
  let anchored: Anchored = stored === undefined ? neverAnchored : (decode(stored) as Anchored);
  // Die between the receipt and this, and the batch's leftovers are still there: they go now.
  await log.finalise(anchored.size);

  let phase: SyncStatus["phase"] = "idle";
  let oldestSince: number | null = null;
  let attempts = 0;
  let receipts = 0;
  let stopped = false;
  let halted = false;
  let running: Promise<unknown> = Promise.resolve();
  let looking: Promise<void> = Promise.resolve();
  /** Ends the waits under way. */
  const wakers = new Set<() => void>();

  /** Waits for `ms` (for ever without), a wake or the stop. */
  function rest(ms?: number): Promise<void> {
    if (stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        wakers.delete(wake);
        cancel?.();
        resolve();
      };
      const cancel = ms === undefined ? undefined : clock.after(ms, wake);
      wakers.add(wake);
    });
  }

  function wake(): void {
    for (const waker of Array.from(wakers)) waker();
  }

  function raise(error: unknown): void {
    const code =
      error instanceof GatewayError || error instanceof FormatError ? error.code : "sync.failed";
    alarms.raise(code, error instanceof Error ? error.message : String(error));
  }

  /** A receipt, proven for `size` under a checkpoint that extends the one seen. */
  async function prove(receipt: Receipt, size: number): Promise<Anchored> {
    const checkpoint = await view.turn(() => view.accept(receipt.checkpoint));
    return proveReceipt(receipt, checkpoint, size, terms);
  }

  /** Stores the proof and moves the cursor: from here on the batch may be forgotten. */
  async function finalise(next: Anchored, receipt: Receipt): Promise<void> {
    await state.write([
      [receiptKey(next.size), receipt.bytes],
      [ANCHORED, encode(next)],
      provenChange(Math.max(next.registry, registry.provenCounter())),
    ]);
    // Die here: the batch is final and its proof is kept; what the log still holds of it goes at the next start.
    anchored = next;
    receipts += 1;
    await log.finalise(next.size);
    alarms.clear("ledger.");
    alarms.clear("receipt.");
    alarms.clear("sync.");
    registry.proven(next.registry);
    if (next.registry > registry.counter()) await follow();
  }

  /** Pulls the registry; what is wrong with it is an alarm until a pull succeeds. */
  async function follow(): Promise<void> {
    try {
      await registry.pull();
      alarms.clear("registry.");
      alarms.clear("ledger.unreachable");
      alarms.clear("policy.");
      alarms.clear("note.");
    } catch (error) {
      if (!stopped) raise(error);
    }
  }

  /**
   * The ledger says that it stands at another size of this log than the cursor. Proven, it is a lost answer (the cursor
   * moves on), an old backup (the log is rebuilt, then the cursor moves on), or a fork.
   */
  async function reconcile(size: number): Promise<Forked | null> {
    const bytes = await client.receipt(terms.gateway, size);
    if (bytes === null)
      throw new GatewayError(
        "ledger.answer",
        `size ${size} is said to be anchored, but has no receipt`,
      );
    const receipt = parseReceipt(bytes);
    const theirs = await prove(receipt, size);
    while (theirs.size > log.size()) {
      if (!(await rebuild(theirs))) return forked(receipt.archived);
    }
    if (!(await log.extends(theirs.size, theirs.root))) return forked(receipt.archived);
    if (theirs.size > anchored.size) await finalise(theirs, receipt);
    return null;
  }

  /** One step towards the anchored tree: false when this log's own history is another one. */
  async function rebuild(theirs: Anchored): Promise<boolean> {
    if (!(await log.fallBehind(theirs))) return true;
    tellBehind();
    if (!(await log.catchUp((path) => client.readArchive(terms.gateway, path)))) return false;
    alarms.clear("log.behind-anchor");
    alarms.clear("archive.");
    options.onRebuilt();
    return true;
  }

  function tellBehind(): void {
    const target = log.behind();
    if (target === null) return;
    alarms.raise(
      "log.behind-anchor",
      `the ledger holds ${target.size} leaves of this log, this gateway ${log.size()}: its data folder is from an old ` +
        "backup. What is missing is fetched from the ledger's archive; until then readings are kept in the journal, " +
        "and nothing new is signed or sent",
    );
  }

  /** As long as the log is behind nothing can be delivered: tried until it is rebuilt, or shown to be a fork. */
  async function catchUp(size: number): Promise<Forked | null> {
    for (let attempt = 0; !stopped; attempt++) {
      try {
        return await reconcile(size);
      } catch (error) {
        if (stopped) break;
        raise(error);
        client.distrust();
        await pause(clock.now() + backoffMs(attempt, random(), limits));
      }
    }
    return null;
  }

  function forked(theirs: string): Forked {
    alarms.clear("log.behind-anchor");
    alarms.raise(
      "log.forked",
      `two histories carry this log's signature. Nothing more is signed or sent. Keep both notes: they are an equivocation. ` +
        `Ours: ${JSON.stringify(log.checkpoint())} theirs: ${JSON.stringify(theirs)}`,
    );
    return { phase: "forked", theirs };
  }

  /** What an answer means to the delivery of `batch`; proofs are checked here, before the machine hears of it. */
  async function judge(batch: Batch, answer: BatchAnswer): Promise<DeliveryInput> {
    switch (answer.type) {
      case "receipt": {
        const receipt = parseReceipt(answer.bytes);
        const theirs = await prove(receipt, batch.size);
        if (!(await log.extends(theirs.size, theirs.root)))
          return { type: "conflict", theirs: receipt.archived };
        await finalise(theirs, receipt);
        return { type: "receipt-verified" };
      }
      case "conflict": {
        // A node can claim anything; only a note that our own key signed is a fork.
        const theirs = openCheckpoint(answer.theirs, terms.logKey);
        if (theirs.size > log.size()) return asInput(await reconcile(theirs.size));
        if (!(await log.extends(theirs.size, theirs.root)))
          return { type: "conflict", theirs: answer.theirs };
        throw new GatewayError(
          "ledger.answer",
          `a conflict is claimed, but size ${theirs.size} is part of this log`,
        );
      }
      case "not-next":
        if (answer.anchored <= anchored.size) {
          throw new GatewayError(
            "registry.rollback",
            `size ${anchored.size} of this log was final, the node says ${answer.anchored}`,
          );
        }
        return asInput(await reconcile(answer.anchored));
      case "refused":
        return { type: "refused", code: answer.code, message: answer.message };
    }
  }

  /** Reconciled without a quarrel, this batch is done or is cut anew: the delivery of it ends well either way. */
  function asInput(outcome: Forked | null): DeliveryInput {
    if (outcome !== null) return { type: "conflict", theirs: outcome.theirs };
    return { type: "receipt-verified" };
  }

  /** Sends one batch once, until `deadline` (ms); whatever goes wrong is an input too. */
  async function attempt(batch: Batch, deadline: number): Promise<DeliveryInput> {
    attempts += 1;
    const late = new AbortController();
    const cancel = clock.after(Math.max(0, deadline - clock.now()), () => late.abort());
    try {
      const entries = await log.entries(batch);
      const bodies = await log.bodies(batch);
      const request = batchRequest(batch, entries, bodies, { ...terms, signer: options.signer });
      return await judge(batch, await client.postBatch(terms.gateway, request, late.signal));
    } catch (error) {
      if (!stopped) raise(error);
      client.distrust();
      if (late.signal.aborted) return { type: "timer", now: Math.max(deadline, clock.now()) };
      return { type: "failed", now: clock.now(), random: random() };
    } finally {
      cancel();
    }
  }

  /** Runs the machine of one batch to its end. */
  async function run(batch: Batch): Promise<Delivery> {
    let delivery = newDelivery(clock.now());
    let input: DeliveryInput = { type: "timer", now: clock.now() };
    while (!stopped) {
      const step = deliver(delivery, input, limits);
      delivery = step.state;
      phase = delivery.phase;
      switch (step.output.type) {
        case "send":
          input = await attempt(batch, deadlineOf(delivery));
          break;
        case "wait":
          await pause(step.output.until);
          input = { type: "timer", now: clock.now() };
          break;
        case "finalise":
        case "stop":
          return delivery;
      }
    }
    return delivery;
  }

  /** A new batch must not cut a backoff short: only the time or the stop ends it. */
  async function pause(until: number): Promise<void> {
    for (let left = until - clock.now(); left > 0 && !stopped; left = until - clock.now())
      await rest(left);
  }

  async function drain(): Promise<void> {
    while (!stopped) {
      const behind = log.behind();
      if (behind !== null) {
        const fork = await catchUp(behind.size);
        if (fork === null) continue;
        phase = fork.phase;
        options.onHalt();
        return;
      }
      const batch = await log.batchFrom(anchored.size);
      oldestSince = batch === null ? null : batch.since;
      if (batch === null) {
        phase = "idle";
        await rest();
        continue;
      }
      const outcome = await run(batch);
      if (outcome.phase === "forked") {
        forked(outcome.theirs);
        options.onHalt();
        return;
      }
      if (outcome.phase === "refused") {
        alarms.raise("sync.refused", outcome.message);
        // The batch cannot change, but an operator may end its cause, and another node may judge better.
        client.distrust();
        await pause(clock.now() + limits.backoffMsMax);
      }
    }
  }

  async function followRegistry(): Promise<void> {
    while (!stopped) {
      await follow();
      await pause(clock.now() + options.registryPollMs);
    }
  }

  async function look(): Promise<void> {
    tellBehind();
    const followed = follow();
    try {
      const status = await client.status(terms.gateway);
      const outcome =
        status === null || status.size <= anchored.size ? null : await reconcile(status.size);
      if (outcome !== null) {
        phase = outcome.phase;
        halted = true;
        options.onHalt();
      }
    } catch (error) {
      raise(error);
    }
    await followed;
  }

  return {
    look() {
      looking = look();
      return looking;
    },
    start() {
      const deliveries = halted ? Promise.resolve() : drain();
      running = Promise.all([deliveries.catch(raise), followRegistry().catch(raise)]);
    },
    wake,
    status: () => ({
      phase,
      anchoredSize: anchored.size,
      anchoredAt: anchored.time,
      oldestSince,
      attempts,
      receipts,
    }),
    async receipt(size) {
      return (await state.get(receiptKey(size))) ?? null;
    },
    async stop() {
      stopped = true;
      client.close();
      wake();
      await running;
      await looking;
    },
  };
}

function deadlineOf(delivery: Delivery): number {
  return delivery.phase === "sent" ? delivery.deadline : 0;
}
