// What the bridge needs from the world (house rule 3); bridge.ts supplies the real ones.

/** The only source of time; below it, time is an argument. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

/** A number in [0, 1). It only spreads retries; nothing secret comes from it. */
export type Random = () => number;

/** One connection to a serial port. It ends once and is never opened again: a new connection is a new object. */
export interface SerialPort {
  /** Queues bytes for the wire. After the end of the connection it does nothing. */
  write(bytes: Uint8Array): void;
  /** Bytes written that have not left yet. */
  queuedBytes(): number;
  close(): Promise<void>;
}

/** What a connection tells while it lasts. `ended` is the last call, also after close(). */
export interface SerialEvents {
  readonly received: (bytes: Uint8Array) => void;
  readonly ended: (reason: string) => void;
}

/** Opens a serial port, 8N1. Errors: `line.failed`. */
export type OpenPort = (path: string, baudRate: number, on: SerialEvents) => Promise<SerialPort>;
