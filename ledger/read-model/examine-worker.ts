// A worker thread that examines batches of entries; its keys only ever grow.

import { parentPort } from "node:worker_threads";
import { type Examined, examine } from "./examine.ts";

/** One batch for a worker: `keys` are those it has not been told of before. */
export interface ExamineRequest {
  readonly id: number;
  readonly keys: readonly (readonly [kid: string, key: Uint8Array])[];
  readonly entries: readonly Uint8Array[];
}

export type ExamineAnswer =
  | { readonly id: number; readonly examined: readonly (Examined | null)[] }
  | { readonly id: number; readonly failure: string };

const port = parentPort;
if (port === null) throw new Error("examine-worker runs as a worker thread only");
const keys = new Map<string, Uint8Array>();

port.on("message", (request: ExamineRequest) => {
  let answer: ExamineAnswer;
  try {
    for (const [kid, key] of request.keys) keys.set(kid, key);
    answer = { id: request.id, examined: request.entries.map((entry) => examine(entry, keys)) };
  } catch (error) {
    answer = { id: request.id, failure: String(error) };
  }
  port.postMessage(answer);
});
