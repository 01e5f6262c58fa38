// Examines entries here when they are few, in worker threads when they are many (signatures cost most of a rebuild).

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type Examined, examine, type KnownKeys } from "./examine.ts";
import type { ExamineAnswer, ExamineRequest } from "./examine-worker.ts";

/** Below this a thread's round trip costs more than it saves. */
const entriesInlineMax = 256;
const workersMax = 4;

interface Lane {
  readonly worker: Worker;
  /** How many of the known keys, in order of arrival, the worker was told of. */
  keysTold: number;
  pending: number;
}

interface Waiting {
  readonly lane: Lane;
  readonly resolve: (examined: readonly (Examined | null)[]) => void;
  readonly reject: (error: Error) => void;
}

export class Examiner {
  readonly #keys = new Map<string, Uint8Array>();
  readonly #keyList: (readonly [string, Uint8Array])[] = [];
  readonly #lanes: Lane[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #lanesMax: number;
  #nextId = 0;

  /** `workers`: threads at most; 0 examines everything here. */
  constructor(workers: number = Math.min(workersMax, availableParallelism())) {
    this.#lanesMax = workers;
  }

  get keys(): KnownKeys {
    return this.#keys;
  }

  /** Makes a key known. A kid is a thumbprint: a second key for it is never looked at. */
  learn(kid: string, key: Uint8Array): void {
    if (this.#keys.has(kid)) return;
    this.#keys.set(kid, key);
    this.#keyList.push([kid, key]);
  }

  /** One result per entry, in order, with the keys known at the time of the call. */
  async examine(entries: readonly Uint8Array[]): Promise<readonly (Examined | null)[]> {
    if (entries.length <= entriesInlineMax || this.#lanesMax === 0) {
      return entries.map((entry) => examine(entry, this.#keys));
    }
    const share = Math.ceil(entries.length / this.#lanesMax);
    const parts: Promise<readonly (Examined | null)[]>[] = [];
    for (let from = 0; from < entries.length; from += share) {
      parts.push(this.#ask(entries.slice(from, from + share)));
    }
    return (await Promise.all(parts)).flat();
  }

  async close(): Promise<void> {
    const lanes = this.#lanes.splice(0);
    await Promise.all(lanes.map(({ worker }) => worker.terminate()));
  }

  #ask(entries: readonly Uint8Array[]): Promise<readonly (Examined | null)[]> {
    const lane = this.#idlest();
    const id = this.#nextId++;
    const request: ExamineRequest = { id, keys: this.#keyList.slice(lane.keysTold), entries };
    lane.keysTold = this.#keyList.length;
    lane.pending += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { lane, resolve, reject });
      lane.worker.postMessage(request);
    });
  }

  #idlest(): Lane {
    const idle = this.#lanes.find(({ pending }) => pending === 0);
    if (idle !== undefined) return idle;
    if (this.#lanes.length < this.#lanesMax) return this.#open();
    return this.#lanes.reduce((least, lane) => (lane.pending < least.pending ? lane : least));
  }

  #open(): Lane {
    const worker = startWorker();
    worker.unref();
    const lane: Lane = { worker, keysTold: 0, pending: 0 };
    worker.on("message", (answer: ExamineAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      if (waiting === undefined) return;
      this.#waiting.delete(answer.id);
      lane.pending -= 1;
      if ("examined" in answer) waiting.resolve(answer.examined);
      else waiting.reject(new Error(answer.failure));
    });
    const fail = (error: Error): void => {
      const at = this.#lanes.indexOf(lane);
      if (at >= 0) this.#lanes.splice(at, 1);
      for (const [id, waiting] of this.#waiting) {
        if (waiting.lane !== lane) continue;
        this.#waiting.delete(id);
        waiting.reject(error);
      }
    };
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`examine worker ended with ${code}`)));
    this.#lanes.push(lane);
    return lane;
  }
}

/** A thread does not inherit its process' TypeScript loader (tsx on Node 20): from source it registers its own first. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith(".ts"))
    return new Worker(new URL("./examine-worker.js", import.meta.url), { execArgv: [] });
  const { href } = new URL("./examine-worker.ts", import.meta.url);
  const start = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(href)}); })`;
  return new Worker(start, { eval: true, execArgv: ["--conditions=source"] });
}
