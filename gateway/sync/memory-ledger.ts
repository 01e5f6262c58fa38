// A small ledger in memory, for tests and simulation: real keys, leaves and proofs, no consensus.

import {
  addSignature,
  asHash32,
  buildTransaction,
  type Cbor,
  COSIGNATURE_V1,
  CompactRange,
  concat,
  consistencyProof,
  cosign,
  decode,
  decodeEntries,
  ED25519,
  type Effect,
  type Encodable,
  emptyRoot,
  encode,
  encodeEffects,
  encodeEntries,
  encodeLedgerEntry,
  equal,
  formatPolicy,
  formatTlogProof,
  type Hash32,
  inclusionProof,
  keyThumbprint,
  leafHash,
  makeVkey,
  nodeHash,
  openCheckpoint,
  parseTransaction,
  sha256,
  signCheckpoint,
  signerFromSeed,
  TILE_WIDTH,
  utf8,
} from "@muniment/core";
import type { BatchAnswer, LedgerClient } from "./ledger-client.ts";

const signerOf = (label: string) => signerFromSeed(sha256(utf8(label)));

interface Committed {
  readonly leaf: Uint8Array;
  readonly effects: Uint8Array;
}

interface AnchoredLog {
  readonly building: string;
  readonly logKey: Uint8Array;
  readonly enrolled: number;
  size: number;
  root: Hash32;
  readonly anchors: Map<number, { readonly index: number; readonly note: string }>;
  readonly entries: Uint8Array[];
}

/** One ledger of one validator. Its gateways' batches are checked as far as a test needs. */
export class MemoryLedger {
  readonly origin = "ledger.test";
  readonly genesis = encode({ format: 1, origin: "ledger.test" });
  readonly log = signerOf("ledger log");
  readonly cosigner = signerOf("ledger cosigner");
  readonly archive = signerOf("ledger archive");
  readonly operator = signerOf("operator");
  readonly #leaves: Hash32[] = [leafHash(this.genesis)];
  readonly #committed = new Map<number, Committed>();
  readonly #gateways = new Map<string, AnchoredLog>();
  /** Ledger index of each registry record of the one building; record 1 first. */
  readonly #registry: number[] = [];
  #sequence = 0;

  get size(): number {
    return this.#leaves.length;
  }

  get counter(): number {
    return this.#registry.length;
  }

  policy(): string {
    return formatPolicy({
      logs: [makeVkey(this.origin, ED25519, this.log.publicKey)],
      witnesses: new Map([
        ["v1", makeVkey(`${this.origin}/validator/v1`, COSIGNATURE_V1, this.cosigner.publicKey)],
      ]),
      groups: new Map(),
      quorum: "v1",
    });
  }

  /** The cosigned checkpoint of an earlier size, or of now. */
  checkpoint(size = this.size): string {
    const range = new CompactRange();
    for (const leaf of this.#leaves.slice(0, size)) range.append(leaf);
    const note = signCheckpoint({ origin: this.origin, size, root: range.root() }, this.log);
    const name = `${this.origin}/validator/v1`;
    return addSignature(note, cosign(note, { name, signer: this.cosigner, time: 1_800_000_000 }));
  }

  enrolGateway(gateway: string, building: string, key: Uint8Array, logKey: Uint8Array): void {
    const origin = `${this.origin}/gw/${gateway}`;
    const kid = keyThumbprint(key);
    const value = {
      building,
      kid,
      logKey,
      origin,
      generation: 0,
      size: 0,
      root: emptyRoot(),
      status: "active",
      registry: 0,
      anchors: 0,
    };
    const enrolled = this.#commit("gateway.enrol", { gateway, building, key, logKey }, [
      [`gateway/${gateway}`, encode(value)],
    ]);
    this.#gateways.set(gateway, {
      building,
      logKey,
      enrolled,
      size: 0,
      root: emptyRoot(),
      anchors: new Map(),
      entries: [],
    });
  }

  /** Appends a registry record of building `b1`, as device.enrol and key.revoke do. */
  registerKey(device: string, key: Uint8Array, status: "active" | "revoked" = "active"): void {
    const n = this.counter + 1;
    const points = [{ name: "temp", unit: "Cel", kind: "gauge" }];
    const record = {
      n,
      kid: keyThumbprint(key),
      key,
      device,
      urn: `urn:dev:os:32473-${device}`,
      place: "b1",
      status,
      points,
      from: 1,
      entry: this.size,
    };
    const path = `registry/b1/${String(n).padStart(10, "0")}`;
    this.#registry.push(this.#commit("device.enrol", { device }, [[path, encode(record)]]));
  }

  /** A client of this ledger; `over` replaces what a test wants to go wrong. */
  client(over: Partial<LedgerClient> = {}): LedgerClient {
    return {
      nodes: 1,
      postBatch: async (gateway, request) => this.postBatch(gateway, request),
      receipt: async (gateway, size) => this.receipt(gateway, size),
      status: async (gateway) => ({
        size: this.#gateways.get(gateway)!.size,
        status: "active",
        registry: this.counter,
      }),
      registry: async (gateway, from, since) => this.registry(gateway, from, since),
      readTile: async (path) => this.readTile(path),
      readArchive: async (gateway, path) => this.readArchive(gateway, path),
      genesis: async () => this.genesis,
      policy: async () => this.policy(),
      distrust: () => {},
      close: () => {},
      ...over,
    };
  }

  postBatch(gateway: string, request: Uint8Array): BatchAnswer {
    const body = decode(request) as ReadonlyMap<string, Cbor>;
    const state = this.#gateways.get(gateway)!;
    const anchor = parseTransaction(body.get("anchor") as Uint8Array);
    const note = body.get("checkpoint") as string;
    const key = makeVkey(`${this.origin}/gw/${gateway}`, ED25519, state.logKey);
    const { size, root } = openCheckpoint(note, key);
    const known = state.anchors.get(size);
    if (known !== undefined) {
      if (equal(openCheckpoint(known.note, key).root, root))
        return { type: "receipt", bytes: this.receipt(gateway, size)! };
      return { type: "conflict", theirs: known.note };
    }
    if (body.get("from") !== state.size) return { type: "not-next", anchored: state.size };
    state.entries.push(...decodeEntries(body.get("entries") as Uint8Array));
    const range = new CompactRange();
    for (const entry of state.entries) range.append(leafHash(entry));
    if (range.size !== size || !equal(range.root(), root))
      throw new Error("the entries do not lead to the root");
    const value = {
      building: state.building,
      kid: anchor.kid,
      logKey: state.logKey,
      origin: key.name,
      generation: 0,
      size,
      root,
      status: "active",
      registry: this.counter,
      anchors: state.anchors.size + 1,
    };
    const index = this.#append(anchor.bytes, [[`gateway/${gateway}`, encode(value)]]);
    state.anchors.set(size, { index, note });
    state.size = size;
    state.root = root;
    return { type: "receipt", bytes: this.receipt(gateway, size)! };
  }

  /** The receipt as a node would send it; `over` replaces fields. */
  receipt(
    gateway: string,
    size: number,
    over: Readonly<Record<string, Encodable>> = {},
  ): Uint8Array | null {
    const anchor = this.#gateways.get(gateway)?.anchors.get(size);
    if (anchor === undefined) return null;
    const { index, note } = anchor;
    const name = `${this.origin}/archive/v1`;
    return encode({
      result: "accepted",
      index,
      ...this.#committed.get(index)!,
      proof: formatTlogProof({
        index,
        proof: this.#prove(index, this.size),
        checkpoint: this.checkpoint(),
      }),
      archived: addSignature(
        note,
        cosign(note, { name, signer: this.archive, time: 1_800_000_000 }),
      ),
      ...over,
    });
  }

  /** The registry feed; `counter` and `size` let a node pretend that it is earlier than it is. */
  registry(
    gateway: string,
    from: number,
    since: number,
    counter = this.counter,
    size = this.size,
  ): Uint8Array {
    const { enrolled, building } = this.#gateways.get(gateway)!;
    const shown = (index: number) => ({
      index,
      ...this.#committed.get(index)!,
      proof: this.#prove(index, size),
    });
    const consistency =
      since >= size
        ? []
        : consistencyProof(since, size, (level, index) => nodeOf(this.#leaves, level, index));
    return encode({
      gateway,
      building,
      counter,
      checkpoint: this.checkpoint(size),
      consistency,
      records: this.#registry.slice(from - 1, counter).map(shown),
      enrol: shown(enrolled),
    });
  }

  readTile(path: string): Uint8Array | null {
    return tileOf(this.#leaves, path);
  }

  /** A file of a gateway's archived log. */
  readArchive(gateway: string, path: string): Uint8Array | null {
    const { entries } = this.#gateways.get(gateway)!;
    const bundle = /^tile\/entries\/(\d{3})(?:\.p\/(\d+))?$/.exec(path);
    if (bundle === null) return tileOf(entries.map(leafHash), path);
    const first = Number(bundle[1]) * TILE_WIDTH;
    const width = Number(bundle[2] ?? TILE_WIDTH);
    return first + width > entries.length
      ? null
      : encodeEntries(entries.slice(first, first + width));
  }

  #commit(kind: string, body: Encodable, effects: readonly Effect[]): number {
    this.#sequence += 1;
    const transaction = buildTransaction({
      ledger: this.origin,
      kind,
      sequence: this.#sequence,
      body,
      signer: this.operator,
    });
    return this.#append(transaction, effects);
  }

  #append(transaction: Uint8Array, effects: readonly Effect[]): number {
    const index = this.size;
    const bytes = encodeEffects(effects);
    const leaf = encodeLedgerEntry({
      height: index,
      time: 1_800_000_000_000 + index,
      transaction,
      code: 0,
      effects: sha256(bytes),
    });
    this.#leaves.push(leafHash(leaf));
    this.#committed.set(index, { leaf, effects: bytes });
    return index;
  }

  #prove(index: number, size: number): Hash32[] {
    return inclusionProof(index, size, (level, at) => nodeOf(this.#leaves, level, at));
  }
}

/** A hash tile of the log with these leaves, up to 256,000 of them; null where it has none. */
function tileOf(leaves: readonly Hash32[], path: string): Uint8Array | null {
  const parts = /^tile\/(\d+)\/(\d{3})(?:\.p\/(\d+))?$/.exec(path);
  if (parts === null) return null;
  const [level, index] = [Number(parts[1]) * 8, Number(parts[2])];
  const width = Number(parts[3] ?? TILE_WIDTH);
  if ((index * TILE_WIDTH + width) * 2 ** level > leaves.length) return null;
  const nodes = Array.from({ length: width }, (_, at) =>
    nodeOf(leaves, level, index * TILE_WIDTH + at),
  );
  return concat(...nodes);
}

function nodeOf(leaves: readonly Hash32[], level: number, index: number): Hash32 {
  if (level === 0) return asHash32(leaves[index]!);
  return nodeHash(nodeOf(leaves, level - 1, 2 * index), nodeOf(leaves, level - 1, 2 * index + 1));
}
