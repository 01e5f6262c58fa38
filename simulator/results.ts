// The gateway's answers on `down/ack`, matched with the sequence numbers that wait for them; they may come before or after the acknowledgement.
import type { StatementResult } from "./publisher.ts";

export interface Results {
  readonly heard: (result: StatementResult) => void;
  /** The gateway's word on a statement, or null when it gave none in time. */
  of(sequence: number): Promise<string | null>;
}

const resultMsDefault = 5_000;
const rememberedMax = 10_000;

/** Collects answers until they are asked for; each is waited for so long. */
export function awaitResults(waitMsMax: number = resultMsDefault): Results {
  const known = new Map<number, string>();
  const waiting = new Map<number, (result: string | null) => void>();
  // A broker that never answers on down/ack is not waited for a second time.
  let silent = false;
  return {
    heard({ sequence, result }) {
      silent = false;
      const resolve = waiting.get(sequence);
      if (resolve !== undefined) return resolve(result);
      known.set(sequence, result);
      const oldest = known.size > rememberedMax ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    },
    of: (sequence) =>
      new Promise((resolve) => {
        const result = known.get(sequence);
        if (result !== undefined) {
          known.delete(sequence);
          return resolve(result);
        }
        if (silent) return resolve(null);
        const timer = setTimeout(() => {
          silent = true;
          for (const giveUp of [...waiting.values()]) giveUp(null);
        }, waitMsMax);
        const finish = (answer: string | null) => {
          clearTimeout(timer);
          waiting.delete(sequence);
          resolve(answer);
        };
        waiting.set(sequence, finish);
      }),
  };
}

/** Results that mean the statement counts, or already did. */
export const acceptedResults: ReadonlySet<string> = new Set([
  "admitted",
  "late",
  "duplicate",
  "acknowledged",
]);
