// Asks while a view is there: at once when the question changes, and again on every pulse of the ledger, in the asker's rhythm.
import { useEffect, useRef } from "react";
import { type Asker, startAsker } from "./asker.ts";
import { useLive } from "./live.ts";

const wait = (ms: number, then: () => void): (() => void) => {
  const timer = window.setTimeout(then, ms);
  return () => window.clearTimeout(timer);
};

/** `question` names what is asked (null: nothing); `ask` must settle and keep its answer itself. `still`: not on every pulse. */
export function useAsker(
  question: string | null,
  ask: (signal: AbortSignal) => Promise<void>,
  still = false,
): void {
  const { pulse } = useLive();
  const asker = useRef<Asker | null>(null);
  const heard = useRef(pulse);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question says all that `ask` depends on
  useEffect(() => {
    if (question === null) return;
    const made = startAsker({ ask, now: () => performance.now(), wait });
    asker.current = made;
    return () => made.stop();
  }, [question]);

  useEffect(() => {
    if (pulse === heard.current) return;
    heard.current = pulse;
    if (!still) asker.current?.again();
  }, [pulse, still]);
}
