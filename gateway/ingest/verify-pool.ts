// Verification on several threads, in batches, with results in the order of submission (D7; perf: batches of 32 and more).

import { Worker } from "node:worker_threads";
import { GatewayError } from "../errors.ts";
import type { KeyRecord, Keyring } from "../ports.ts";
import type { WorkerKey } from "./check.ts";
import { type Checked, FINDING_BYTES, readFinding } from "./checked.ts";
import type { Counters } from "./counters.ts";
import type { FromWorker, ToWorker } from "./verify-worker.ts";

/** A second batch waits at a busy worker only when it has at least this many messages. */
export const BATCH_MESSAGES_MIN = 32;
export const BATCH_MESSAGES_MAX = 128;
/** One that is worked on, and one that is there when it is done. */
const BATCHES_AT_WORKER_MAX = 2;
/** A batch that was lost with its worker is tried again, but not for ever: it may be what kills them. */
const BATCH_ATTEMPTS_MAX = 2;

export interface VerifyPoolOptions<T> {
  readonly keyring: Keyring;
  readonly workers: number;
  readonly counters: Counters;
  /** Told of each message's result, in order of submission, never at once. A message that the workers could not
   * judge at all comes back as `verify.failed`. */
  readonly onResult: (about: T, result: Checked | GatewayError) => void;
}

export interface VerifyPool<T> {
  /** Has a message judged. */
  submit(payload: Uint8Array, about: T): void;
  /** Stops the workers. What is under way comes back as `ingest.closed`. */
  close(): Promise<void>;
}

interface Message<T> {
  readonly payload: Uint8Array;
  readonly about: T;
}

interface Batch<T> {
  readonly id: number;
  readonly messages: readonly Message<T>[];
  attempts: number;
  result: { readonly findings: Buffer; readonly codes: readonly string[] } | GatewayError | null;
}

interface Thread<T> {
  worker: Worker;
  readonly batches: Map<number, Batch<T>>;
}

/** Findings live for one batch: a small young generation keeps the memory of a thread down and costs no speed. */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/** Built, the worker is plain JavaScript beside this file. From source it is TypeScript, and since a thread does not
 * inherit the loader of its process (tsx on Node 20), it registers its own first, wherever the process was started. */
function newWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(new URL("./verify-worker.js", import.meta.url), {
      execArgv: [],
      resourceLimits,
    });
  }
  const loader = import.meta.resolve("tsx/esm/api");
  const register = `data:text/javascript,import{register}from"${loader}";register()`;
  return new Worker(new URL("./verify-worker.ts", import.meta.url), {
    execArgv: ["--conditions=source", "--import", register],
    resourceLimits,
  });
}

/** Starts the workers and gives them the keyring. Errors: whatever a worker could not start for. */
export async function createVerifyPool<T>({
  keyring,
  workers,
  counters,
  onResult,
}: VerifyPoolOptions<T>): Promise<VerifyPool<T>> {
  let queue: Message<T>[] = [];
  let inOrder: Batch<T>[] = [];
  let nextId = 1;
  let scheduled = false;
  let closed = false;
  let known = new Map<string, KeyRecord>();
  const threads: Thread<T>[] = [];

  function post(thread: Thread<T>, message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    thread.worker.postMessage(message, transfer);
  }

  function start(thread: Thread<T> | null): Promise<Thread<T>> {
    const worker = newWorker();
    const started: Thread<T> = thread ?? { worker, batches: new Map() };
    started.worker = worker;
    worker.unref();
    post(started, { type: "keys", put: Array.from(known.values(), workerKey), remove: [] });
    return new Promise((resolve, reject) => {
      let failure: unknown = new GatewayError("verify.failed", "a worker ended");
      worker.on("error", (error) => {
        failure = error;
      });
      worker.on("exit", () => {
        reject(failure);
        lost(started);
      });
      worker.on("message", (message: FromWorker) => {
        if (message.type === "ready") resolve(started);
        else answered(started, message);
      });
    });
  }

  /** A worker died. Its batches go to its successor, or come back failed. */
  function lost(thread: Thread<T>): void {
    if (closed || !threads.includes(thread)) return;
    counters.verifyWorkersLost += 1;
    start(thread).catch(() => undefined); // the same 'exit' handler sees it and tries again with what is left
    for (const batch of thread.batches.values()) {
      if (batch.attempts < BATCH_ATTEMPTS_MAX) {
        send(thread, batch);
      } else {
        thread.batches.delete(batch.id);
        batch.result = new GatewayError("verify.failed", `${batch.attempts} workers ended on it`);
      }
    }
    deliver();
  }

  function send(thread: Thread<T>, batch: Batch<T>): void {
    batch.attempts += 1;
    thread.batches.set(batch.id, batch);
    let bytes = 0;
    for (const { payload } of batch.messages) bytes += 4 + payload.length;
    const packed = Buffer.from(new ArrayBuffer(bytes));
    let at = 0;
    for (const { payload } of batch.messages) {
      packed.writeUInt32LE(payload.length, at);
      packed.set(payload, at + 4);
      at += 4 + payload.length;
    }
    post(thread, { type: "batch", id: batch.id, count: batch.messages.length, packed }, [
      packed.buffer,
    ]);
  }

  /** An idle worker gets what there is at once; a busy one only a batch that is worth it. */
  function dispatch(): void {
    scheduled = false;
    while (queue.length > 0) {
      const idle = threads.filter(({ batches }) => batches.size === 0).length;
      const thread = threads.reduce((least, one) =>
        one.batches.size < least.batches.size ? one : least,
      );
      if (thread.batches.size >= BATCHES_AT_WORKER_MAX) return;
      if (idle === 0 && queue.length < BATCH_MESSAGES_MIN) return;
      const share = Math.ceil(queue.length / Math.max(1, idle));
      const size = Math.min(BATCH_MESSAGES_MAX, Math.max(BATCH_MESSAGES_MIN, share));
      const messages = queue.splice(0, size);
      const batch: Batch<T> = { id: nextId++, messages, attempts: 0, result: null };
      inOrder.push(batch);
      counters.verifyBatches += 1;
      counters.verifyMessages += messages.length;
      send(thread, batch);
    }
  }

  function answered(thread: Thread<T>, message: Extract<FromWorker, { type: "findings" }>): void {
    const batch = thread.batches.get(message.id);
    if (batch === undefined) return;
    thread.batches.delete(message.id);
    const { findings, codes } = message;
    batch.result = {
      findings: Buffer.from(findings.buffer, findings.byteOffset, findings.byteLength),
      codes,
    };
    dispatch();
    deliver();
  }

  /** Workers finish in any order; results leave in the order the messages came. */
  function deliver(): void {
    while (inOrder.length > 0 && inOrder[0]!.result !== null) {
      const { messages, result } = inOrder.shift()!;
      messages.forEach(({ payload, about }, i) => {
        const said =
          result instanceof GatewayError
            ? result
            : readFinding(result!.findings, i * FINDING_BYTES, result!.codes, payload);
        onResult(about, said);
      });
    }
  }

  /** Tells the workers what changed in the registry. Ports keep order: batches sent later see it. */
  function updateKeys(): void {
    const now = keysOf(keyring);
    const put = [...now]
      .filter(([kidHex, record]) => known.get(kidHex) !== record)
      .map(([, record]) => workerKey(record));
    const remove = [...known.keys()].filter((kidHex) => !now.has(kidHex));
    known = now;
    if (put.length + remove.length > 0)
      for (const thread of threads) post(thread, { type: "keys", put, remove });
  }

  known = keysOf(keyring);
  threads.push(...(await Promise.all(Array.from({ length: workers }, () => start(null)))));
  const unsubscribe = keyring.onChange(updateKeys);
  updateKeys(); // what changed while they started

  return {
    submit(payload, about) {
      if (closed) {
        setImmediate(onResult, about, new GatewayError("ingest.closed"));
        return;
      }
      queue.push({ payload, about });
      if (scheduled) return;
      scheduled = true;
      setImmediate(dispatch); // all that is read in this turn of the event loop goes into one batch
    },
    async close() {
      closed = true;
      unsubscribe();
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
      const left = [...inOrder.flatMap(({ messages }) => messages), ...queue];
      inOrder = [];
      queue = [];
      for (const { about } of left) onResult(about, new GatewayError("ingest.closed"));
    },
  };
}

function keysOf(keyring: Keyring): Map<string, KeyRecord> {
  return new Map(
    Array.from(keyring.all(), (record) => [Buffer.from(record.kid).toString("hex"), record]),
  );
}

function workerKey({ kid, key, urn, place, points }: KeyRecord): WorkerKey {
  return { kidHex: Buffer.from(kid).toString("hex"), key, urn, place, points };
}
