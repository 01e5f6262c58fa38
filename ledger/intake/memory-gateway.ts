// A gateway's log in memory, on core alone: makes the batches that intake takes, the honest ones and others. For tests.

import {
  buildTransaction,
  CompactRange,
  consistencyProof,
  type Encodable,
  encode,
  encodeEntries,
  encodeSign1,
  type Hash32,
  HEADER,
  keyThumbprint,
  leafHash,
  nodeHash,
  type Signer,
  sha256,
  signCheckpoint,
  signerFromSeed,
  utf8,
} from "@muniment/core";

const GENESIS_TYPE = "application/vnd.muniment.gateway-genesis+cbor";

/** The fields of a batch request, before they are encoded. */
export interface BatchFields {
  readonly checkpoint: string;
  readonly from: number;
  readonly entries: Uint8Array;
  readonly bodies: readonly Uint8Array[];
  readonly proof: readonly Hash32[];
  readonly anchor: Uint8Array;
}

/** A log of which every prefix can be sent. Leaf 0 is the gateway's genesis statement (F3). */
export class MemoryGateway {
  readonly id: string;
  readonly origin: string;
  readonly signer: Signer;
  readonly logSigner: Signer;
  readonly entries: Uint8Array[] = [];
  readonly #ledger: string;

  /** Keys come from the id, so two gateways of one id are one gateway with two histories. */
  constructor(id: string, building: string, ledger: string) {
    this.id = id;
    this.origin = `${ledger}/gw/${id}`;
    this.#ledger = ledger;
    this.signer = signerFromSeed(sha256(utf8(`${id} key`)));
    this.logSigner = signerFromSeed(sha256(utf8(`${id} log`)));
    const facts = {
      gateway: id,
      building,
      key: this.signer.publicKey,
      logKey: this.logSigner.publicKey,
      origin: this.origin,
    };
    const header = new Map<number, Encodable>([
      [HEADER.contentType, GENESIS_TYPE],
      [HEADER.keyId, keyThumbprint(this.signer.publicKey)],
    ]);
    this.entries.push(encodeSign1({ header, payload: encode(facts), signer: this.signer }));
  }

  get size(): number {
    return this.entries.length;
  }

  add(...entries: readonly Uint8Array[]): void {
    this.entries.push(...entries);
  }

  root(size = this.size): Hash32 {
    const range = new CompactRange();
    for (const entry of this.entries.slice(0, size)) range.append(leafHash(entry));
    return range.root();
  }

  note(size = this.size): string {
    return signCheckpoint({ origin: this.origin, size, root: this.root(size) }, this.logSigner);
  }

  /** The anchor transaction for `size`, proven from `from`. */
  anchor(from: number, size = this.size): Uint8Array {
    const body = { gateway: this.id, checkpoint: this.note(size), proof: this.#proof(from, size) };
    return buildTransaction({
      ledger: this.#ledger,
      kind: "anchor",
      sequence: size,
      body,
      signer: this.signer,
    });
  }

  fields(from: number, size = this.size, bodies: readonly Uint8Array[] = []): BatchFields {
    return {
      checkpoint: this.note(size),
      from,
      entries: encodeEntries(this.entries.slice(from, size)),
      bodies,
      proof: this.#proof(from, size),
      anchor: this.anchor(from, size),
    };
  }

  /** The request bytes for entries [from, size). */
  request(from: number, size = this.size, bodies: readonly Uint8Array[] = []): Uint8Array {
    return encodeFields(this.fields(from, size, bodies));
  }

  #proof(from: number, size: number): Hash32[] {
    return from === 0
      ? []
      : consistencyProof(from, size, (level, index) => this.#node(level, index));
  }

  #node(level: number, index: number): Hash32 {
    return level === 0
      ? leafHash(this.entries[index]!)
      : nodeHash(this.#node(level - 1, 2 * index), this.#node(level - 1, 2 * index + 1));
  }
}

/** The request of any fields, right or wrong. */
export function encodeFields(
  fields: { readonly [key in keyof BatchFields]: Encodable },
): Uint8Array {
  return encode({ ...fields });
}
