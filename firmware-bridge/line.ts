// A serial line that is always wanted: opened again for ever after it was lost, and it says so.

import { type Frame, FrameDecoder } from "./frame-decoder.ts";
import type { Clock, OpenPort, Random, SerialPort } from "./ports.ts";

export interface LineLimits {
  readonly reopenMsMin: number;
  readonly reopenMsMax: number;
  /** Written and not yet sent. Beyond it, frames are dropped: a peer that does not read asks again when it does. */
  readonly queuedBytesMax: number;
}

export const lineLimits: LineLimits = {
  reopenMsMin: 50,
  reopenMsMax: 5_000,
  queuedBytesMax: 65_536,
};

export interface LineEvents {
  /** A new connection: nothing from before it has a meaning any more. */
  readonly opened: () => void;
  readonly frame: (frame: Frame) => void;
  /** The line was lost or could not be opened; it is tried again after `waitMs`. */
  readonly lost: (reason: string, waitMs: number) => void;
}

export interface LineOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly open: OpenPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: LineLimits;
  readonly on: LineEvents;
}

export interface Line {
  isOpen(): boolean;
  /** Sends a frame. False when it was dropped: the line is closed, or the peer does not read. */
  send(frame: Uint8Array): boolean;
  close(): Promise<void>;
}

/** Opens the line, now or whenever there is one. Never fails: a port that is not there yet is a port to wait for. */
export function openLine(options: LineOptions): Line {
  const { path, baudRate, open, clock, random, limits, on } = options;
  let port: SerialPort | null = null;
  let attempt = 0;
  let closed = false;
  let cancelRetry = (): void => {};
  let opening: Promise<void> = connect();

  async function connect(): Promise<void> {
    const decoder = new FrameDecoder();
    let reason: string | null = null;
    try {
      const opened = await open(path, baudRate, {
        received(bytes) {
          attempt = 0; // only a line that speaks is one that works
          for (const frame of decoder.push(bytes)) on.frame(frame);
        },
        ended(why) {
          reason = why;
          if (port === null) return; // it ended before open() had told of it
          port = null;
          retry(why);
        },
      });
      if (closed) return await opened.close();
      if (reason !== null) return retry(reason);
      port = opened;
      on.opened();
    } catch (error) {
      retry(error instanceof Error ? error.message : String(error));
    }
  }

  function retry(reason: string): void {
    if (closed) return;
    const ceiling = Math.min(limits.reopenMsMax, limits.reopenMsMin * 2 ** attempt++);
    const waitMs = Math.round(ceiling / 2 + (random() * ceiling) / 2);
    on.lost(reason, waitMs);
    cancelRetry = clock.after(waitMs, () => {
      opening = connect();
    });
  }

  return {
    isOpen: () => port !== null,
    send(frame) {
      if (port === null || port.queuedBytes() + frame.length > limits.queuedBytesMax) return false;
      port.write(frame);
      return true;
    },
    async close() {
      closed = true;
      cancelRetry();
      await opening;
      await port?.close();
      port = null;
    },
  };
}
