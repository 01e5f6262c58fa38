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
  /** The body of an access event; null when it was never there, or destroyed. */
  body(place: { readonly gateway: string; readonly index: number }): Promise<{
    readonly body: Uint8Array;
    /** Local date of the event, YYYY-MM-DD. */
    readonly date: string;
    /** The same number for the same bytes on this day; meaningless once the day's bodies are destroyed. */
    tag(bytes: Uint8Array): number;
  } | null>;
  onPublish(listener: () => void): () => void;
}
