// What the gateway needs from the world (house rule 3); gateway.ts supplies the real ones.

/** The only source of time; below it, time is an argument. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

/** A number in [0, 1). It only spreads retries; nothing secret comes from it. */
export type Random = () => number;

/** One file that only grows at its end. */
export interface AppendFile {
  /** Writes all bytes after the present end. When it resolves they are visible, not yet durable.
   * When it rejects, any part of them may have been written. */
  append(bytes: Uint8Array): Promise<void>;
  /** When it resolves, everything appended and truncated before is durable. When it rejects, nothing is known. */
  sync(): Promise<void>;
  /** Cuts the file to `length` bytes; durable after the next sync. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The file operations under journal and quarantine. Paths are absolute. */
export interface Files {
  /** Creates the folder and its parents; durable when it resolves. */
  makeDirectory(directory: string): Promise<void>;
  /** Names and sizes in bytes of the files in a folder. */
  list(directory: string): Promise<readonly { readonly name: string; readonly size: number }[]>;
  /** The bytes [from, from + length) of a file, or fewer at its end. */
  read(path: string, from: number, length: number): Promise<Buffer>;
  /** Opens for appending, creating when missing; the name is durable after syncDirectory. */
  openAppend(path: string): Promise<AppendFile>;
  /** Removes a file; durable after syncDirectory. */
  remove(path: string): Promise<void>;
  syncDirectory(directory: string): Promise<void>;
}

/** Seals what must be deletable before it reaches a disk, under keys that are destroyed once it must be gone (D8). */
export interface Vault {
  seal(bytes: Uint8Array): Uint8Array;
  /** Null once the key is destroyed. */
  open(sealed: Uint8Array): Uint8Array | null;
}

/** One point of a device as enrolled on the ledger. */
export interface EnrolledPoint {
  readonly name: string;
  readonly unit: string;
  readonly kind: string;
  readonly interval?: number;
}

/** What the ledger's registry, with proof, says about one device key. */
export interface KeyRecord {
  readonly kid: Uint8Array;
  readonly key: Uint8Array;
  readonly device: string;
  readonly urn: string;
  readonly place: string;
  readonly building: string;
  readonly status: "active" | "revoked" | "rotated";
  readonly points: readonly EnrolledPoint[];
  /** The device that may publish for this one; null when none may. */
  readonly bridge: string | null;
  readonly n: number;
}

/** The proven registry of this building, in memory (D14). */
export interface Keyring {
  find(kidHex: string): KeyRecord | undefined;
  all(): Iterable<KeyRecord>;
  /** Number of the last registry record that was applied. */
  counter(): number;
  /** Called after each applied update. Returns the function that ends the subscription. */
  onChange(listener: () => void): () => void;
}
