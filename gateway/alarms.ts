// What is wrong now, by stable code: shown on /health and counted in /metrics.

export interface Alarm {
  readonly code: string;
  readonly message: string;
  /** When it was first raised, in ms. */
  readonly since: number;
}

export interface Alarms {
  /** Raises or renews an alarm. Told to `onRaise` once, not at every renewal. */
  raise(code: string, message: string): void;
  /** Clears the alarms whose code begins with `prefix`. */
  clear(prefix: string): void;
  list(): readonly Alarm[];
}

/** No alarm at first. `now` in ms. */
export function createAlarms(now: () => number, onRaise: (alarm: Alarm) => void): Alarms {
  const raised = new Map<string, Alarm>();
  return {
    raise(code, message) {
      const known = raised.get(code);
      const alarm = { code, message, since: known?.since ?? now() };
      raised.set(code, alarm);
      if (known === undefined) onRaise(alarm);
    },
    clear(prefix) {
      for (const code of raised.keys()) if (code.startsWith(prefix)) raised.delete(code);
    },
    list: () => Array.from(raised.values()),
  };
}
