// The machine's own clock and timers (ports: Clock).

import type { Clock } from "./ports.ts";

/** The time of the machine. Whoever waits cancels when it closes. */
export const systemClock: Clock = {
  now: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
