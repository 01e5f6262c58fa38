// Asks one question again and again without ever crowding the node: never twice at once, and idle far longer than asking.

/** After an answer that took t, the next question waits at least this many times t. */
const restRatio = 20;

export interface Asker {
  /** Asks as soon as the rest is over; while one is on its way, once more after it. */
  readonly again: () => void;
  readonly stop: () => void;
}

interface AskerInput {
  /** Must settle; it reports by itself and never rejects. */
  readonly ask: (signal: AbortSignal) => Promise<void>;
  readonly now: () => number; // ms
  readonly wait: (ms: number, then: () => void) => () => void; // gives the way to call it off
}

/** Asks at once; afterwards whenever told `again`, after its rest. */
export function startAsker({ ask, now, wait }: AskerInput): Asker {
  const abort = new AbortController();
  let state: "asking" | "resting" | "waiting" = "resting";
  let wanted = false;
  let restUntil = 0;
  let callOff: (() => void) | null = null;

  const run = async (): Promise<void> => {
    state = "asking";
    wanted = false;
    const began = now();
    await ask(abort.signal);
    if (abort.signal.aborted) return;
    const ended = now();
    restUntil = ended + restRatio * (ended - began);
    state = "resting";
    if (wanted) again();
  };
  const again = (): void => {
    wanted = true;
    if (state !== "resting" || abort.signal.aborted) return;
    state = "waiting";
    callOff = wait(Math.max(0, restUntil - now()), () => {
      callOff = null;
      void run();
    });
  };

  void run();
  return {
    again,
    stop: () => {
      abort.abort();
      callOff?.();
    },
  };
}
