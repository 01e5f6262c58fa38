// Time as the simulator is given it: the wall's, or one that runs as fast as it is asked to (house rule 2).

/** Tells the time and lets a caller wait for one. Times are unix seconds. */
export interface Clock {
  now(): number;
  /** Resolves when `now()` has reached the time, or at once with an aborted signal. */
  until(time: number, signal?: AbortSignal): Promise<void>;
}

/** The clock on the wall. */
export const wallClock: Clock = {
  now: () => Date.now() / 1000,
  until: (time, signal) =>
    new Promise((resolve) => {
      const wait = time * 1000 - Date.now();
      if (wait <= 0 || signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, wait);
      signal?.addEventListener("abort", done);
    }),
};

/** A clock that jumps to whatever time is waited for. */
export function eagerClock(start: number): Clock {
  let now = start;
  return {
    now: () => now,
    until: async (time) => {
      now = Math.max(now, time);
    },
  };
}

/** A clock that stands at `start` now and runs so many times as fast as another, until it has caught up with it. */
export function fastClock(base: Clock, start: number, speed: number): Clock {
  const begun = base.now();
  return {
    now: () => Math.min(base.now(), start + (base.now() - begun) * speed),
    until: (time, signal) => base.until(Math.max(time, begun + (time - start) / speed), signal),
  };
}
