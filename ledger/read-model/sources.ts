// What the read model needs from the rest of the node: the committed log, and the entries behind its anchors (D10).

/** One committed ledger entry: its leaf, and the effects whose hash the leaf carries. */
export interface SourceEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly effects: Uint8Array;
}

/** The last committed state of the ledger's own log; `time` is the block time in ms. */
interface SourceHead {
  readonly origin: string;
  readonly height: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly time: number;
  readonly checkpoint: string;
}

/** The part of the consensus port that is read. */
export interface LedgerSource {
  head(): SourceHead;
  entry(index: number): Promise<SourceEntry | null>;
  /** Entries [from, to) in order; what is yielded is durably committed. */
  entries(from: number, to: number): AsyncIterable<SourceEntry>;
  onCommit(listener: () => void): () => void;
  policy(): string;
  genesis(): Uint8Array;
}

/** The part of the archive that is read. */
export interface EntrySource {
  /** Entries published for the gateway. */
  size(gateway: string): number;
  entries(gateway: string, from: number, to: number): Promise<readonly Uint8Array[]>;
  body(hash: Uint8Array): Promise<Uint8Array | null>;
  onPublish(listener: () => void): () => void;
}
