// What the archive needs from a disk or an object store: whole files by name, with the durability each call promises (D5).

/** Names are relative, `/` between segments, and never leave the archive. */
export interface ArchiveStorage {
  /** The whole file, or null where there is none. */
  read(name: string): Promise<Uint8Array | null>;
  /** Every file is whole and durable, under its name, when it resolves. Until then any of them may be there or not, but none half. */
  writeAll(files: readonly NamedFile[]): Promise<void>;
  /** Removes files; those that are not there are passed over. */
  removeAll(names: readonly string[]): Promise<void>;
  /** Names directly below a directory, in byte order; empty where there is none. */
  list(directory: string): Promise<string[]>;
}

export type NamedFile = readonly [name: string, bytes: Uint8Array];
