// The serial port in memory (ports: OpenPort): two ends of a cable, for tests and for machines without a pty.

import { BridgeError } from "./errors.ts";
import type { OpenPort, SerialEvents } from "./ports.ts";

/** A cable. Each end takes one connection at a time; what is written while the other end is not open is lost, as on a wire. */
export interface MemoryCable {
  readonly ends: readonly [OpenPort, OpenPort];
  /** Both connections end, and none can be opened until plug(). */
  unplug(): void;
  plug(): void;
}

/** A cable that is plugged in. */
export function memoryCable(): MemoryCable {
  const open: (SerialEvents | null)[] = [null, null];
  let plugged = true;

  const end =
    (here: number): OpenPort =>
    async (path, _baudRate, on) => {
      if (!plugged) throw new BridgeError("line.failed", `${path}: unplugged`);
      if (open[here] !== null) throw new BridgeError("line.failed", `${path}: in use`);
      open[here] = on;
      return {
        write(bytes) {
          if (open[here] !== on) return;
          const copy = bytes.slice();
          const there = open[1 - here];
          // Never within the call: a wire takes its time.
          queueMicrotask(() => {
            if (open[1 - here] === there) there?.received(copy);
          });
        },
        queuedBytes: () => 0,
        async close() {
          if (open[here] !== on) return;
          open[here] = null;
          on.ended("closed");
        },
      };
    };

  return {
    ends: [end(0), end(1)],
    unplug() {
      plugged = false;
      for (const [i, on] of open.entries()) {
        open[i] = null;
        on?.ended("unplugged");
      }
    },
    plug() {
      plugged = true;
    },
  };
}
