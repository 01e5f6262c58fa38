// The machine's own clock and timers (ports: Clock).

import type { Clock } from "./ports.ts";

/** Waiting does not keep the process alive: its servers do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
