// The thread that parses and verifies (D7): a batch of packed messages in, packed findings out.

import { parentPort } from "node:worker_threads";
import { checkMessage, isNamedByThumbprint, type WorkerKey } from "./check.ts";
import { FINDING_BYTES, writeFinding } from "./checked.ts";

/** What the pool sends. A batch is `count` times u32 length (little-endian) ‖ message. */
export type ToWorker =
  | {
      readonly type: "keys";
      readonly put: readonly WorkerKey[];
      readonly remove: readonly string[];
    }
  | {
      readonly type: "batch";
      readonly id: number;
      readonly count: number;
      readonly packed: Uint8Array;
    };

/** What the worker sends: that it is ready, then one answer a batch, with findings in the batch's order. */
export type FromWorker =
  | { readonly type: "ready" }
  | {
      readonly type: "findings";
      readonly id: number;
      readonly findings: Uint8Array;
      readonly codes: readonly string[];
    };

const port = parentPort!;
const keys = new Map<string, WorkerKey>();

port.on("message", (message: ToWorker) => {
  if (message.type === "keys") {
    for (const kidHex of message.remove) keys.delete(kidHex);
    for (const key of message.put) {
      if (isNamedByThumbprint(key)) keys.set(key.kidHex, key);
      else keys.delete(key.kidHex);
    }
    return;
  }
  const { id, count, packed } = message;
  const input = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const findings = Buffer.from(new ArrayBuffer(count * FINDING_BYTES));
  const codes: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = at + 4 + input.readUInt32LE(at);
    writeFinding(
      checkMessage(input.subarray(at + 4, end), keys),
      findings,
      i * FINDING_BYTES,
      codes,
    );
    at = end;
  }
  const answer: FromWorker = { type: "findings", id, findings, codes };
  port.postMessage(answer, [findings.buffer]);
});

port.postMessage({ type: "ready" } satisfies FromWorker);
