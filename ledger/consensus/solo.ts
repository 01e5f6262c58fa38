// Consensus of one: the same machine and the same log as a cluster, ordered by a single process (D6, F6).

import {
  CompactRange,
  decodeLedgerEntry,
  encodeEffects,
  equal,
  type Hash32,
  leafHash,
  TRANSACTION_BYTES_MAX,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import { cosignerName, type Genesis, genesisPolicy, loadGenesis } from "../genesis.ts";
import {
  type AppliedBlock,
  type AppliedLeaf,
  applyBlock,
  type Result,
  wantsStateHash,
} from "../machine/apply.ts";
import { REFUSALS } from "../machine/codes.ts";
import { genesisEffects } from "../machine/genesis-effects.ts";
import type { Clock, Files } from "../ports.ts";
import { CheckpointSigner, type SigningKeys } from "./checkpoint-signer.ts";
import {
  BUSY,
  type CommittedEntry,
  type Consensus,
  type LedgerHead,
  type Submission,
} from "./consensus.ts";
import { LogFiles } from "./log-files.ts";
import { stateHash } from "./state-hash.ts";
import type { StateStore, StoredHead } from "./state-store.ts";
import {
  QUEUE_LIMITS,
  type QueueLimits,
  TransactionQueue,
  type Waiting,
} from "./transaction-queue.ts";

/** What solo consensus needs from the world. */
export interface SoloPorts {
  readonly genesis: Uint8Array;
  readonly keys: SigningKeys;
  readonly store: StateStore;
  /** Tiles and checkpoint of the log. */
  readonly logFiles: Files;
  /** The record of what was signed; it belongs beside the keys. */
  readonly signerFiles: Files;
  readonly clock: Clock;
  readonly limits?: Partial<QueueLimits>;
}

export class Solo implements Consensus {
  readonly #genesisBytes: Uint8Array;
  readonly #genesis: Genesis;
  readonly #store: StateStore;
  readonly #log: LogFiles;
  readonly #signer: CheckpointSigner;
  readonly #clock: Clock;
  readonly #queue: TransactionQueue;
  readonly #listeners = new Set<(head: LedgerHead) => void>();
  #head!: LedgerHead;
  /** The hash over the state at a log size: refused transactions change neither, and must not cost it again. */
  #hashedState: { readonly size: number; readonly hash: Hash32 } | null = null;
  #running: Promise<void> | null = null;
  #halted: Error | null = null;
  #closed = false;

  private constructor(ports: SoloPorts, genesis: Genesis, log: LogFiles, signer: CheckpointSigner) {
    this.#genesisBytes = ports.genesis.slice();
    this.#genesis = genesis;
    this.#store = ports.store;
    this.#log = log;
    this.#signer = signer;
    this.#clock = ports.clock;
    this.#queue = new TransactionQueue({ ...QUEUE_LIMITS, ...ports.limits });
  }

  /**
   * Starts or goes on. Whatever a crash left undone after the last commit is done here, by the functions that do it
   * for every block. Errors: `genesis.*`, `consensus.behind`, `consensus.fork`, `consensus.corrupt`.
   */
  static async open(ports: SoloPorts): Promise<Solo> {
    const genesis = loadGenesis(ports.genesis);
    const validator = requireSoleValidator(genesis, ports.keys);
    const signer = await CheckpointSigner.open(
      ports.signerFiles,
      ports.keys,
      cosignerName(genesis.origin, validator),
    );
    const solo = new Solo(ports, genesis, await LogFiles.open(ports.logFiles), signer);
    if (ports.store.head() === null) await solo.#commitGenesis();
    const first = await ports.store.entry(0);
    if (first === null || !equal(first.leaf, ports.genesis)) throw new LedgerError("genesis.other");
    await solo.#publish();
    return solo;
  }

  submit(transaction: Uint8Array): Promise<Submission> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new LedgerError("consensus.closed"));
      if (this.#halted !== null) return reject(haltedBy(this.#halted));
      const { length } = transaction;
      if (length > TRANSACTION_BYTES_MAX) {
        const message = `${REFUSALS["tx.malformed"]}: expected at most ${TRANSACTION_BYTES_MAX} bytes, found ${length}`;
        return resolve({ ok: false, code: "tx.malformed", message });
      }
      if (!this.#queue.hasRoom(length)) {
        return resolve({
          ok: false,
          code: BUSY,
          message: `${this.#queue.length} transactions are waiting; send it again later`,
        });
      }
      this.#queue.push({ transaction: transaction.slice(), resolve, reject });
      this.#running ??= this.#run();
    });
  }

  head(): LedgerHead {
    return this.#head;
  }

  async entry(index: number): Promise<CommittedEntry | null> {
    return index >= 0 && index < this.#head.size ? this.#store.entry(index) : null;
  }

  entries(from: number, to: number): AsyncIterable<CommittedEntry> {
    if (!(from >= 0 && from <= to && to <= this.#head.size)) {
      throw new LedgerError("consensus.range", `entries ${from} to ${to} of ${this.#head.size}`);
    }
    return this.#store.entries(from, to);
  }

  get(key: string): Uint8Array | undefined {
    return this.#store.get(key);
  }

  range(prefix: string): AsyncIterable<readonly [string, Uint8Array]> {
    return this.#store.range(prefix);
  }

  onCommit(listener: (head: LedgerHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readTile(path: string): Promise<Uint8Array | null> {
    return this.#log.readTile(path);
  }

  policy(): string {
    return genesisPolicy(this.#genesis);
  }

  genesis(): Uint8Array {
    return this.#genesisBytes.slice();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running;
    await this.#store.close();
  }

  /** A block is what is queued when the commit before it finished. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const block = this.#queue.takeBlock();
      try {
        await this.#commitBlock(block);
      } catch (error) {
        // The step may or may not have reached the disk: only recovery can tell, so nothing more is decided here.
        this.#halted = error as Error;
        for (const { reject } of [...block, ...this.#queue.takeAll()])
          reject(haltedBy(this.#halted));
      }
    }
    this.#running = null;
  }

  async #commitBlock(block: readonly Waiting[]): Promise<void> {
    const before = this.#storedHead();
    const height = before.height + 1;
    const time = Math.max(before.time + 1, Math.trunc(this.#clock.now()));
    const applied = applyBlock((key) => this.#store.get(key), {
      height,
      time,
      size: before.size,
      transactions: block.map(({ transaction }) => transaction),
      ...(wantsStateHash(before.size, block.length)
        ? { stateHash: await this.#stateHash(before.size) }
        : {}),
    });
    if (applied.leaves.length > 0) {
      await this.#commit(applied.writes, applied.leaves, height, time);
      await this.#publish();
      this.#tellListeners();
    }
    for (const [i, result] of applied.results.entries()) {
      block[i]!.resolve(await this.#submission(result, height, time));
    }
  }

  async #stateHash(size: number): Promise<Hash32> {
    if (this.#hashedState?.size !== size)
      this.#hashedState = { size, hash: await stateHash(this.#store.range("")) };
    return this.#hashedState.hash;
  }

  async #commitGenesis(): Promise<void> {
    const writes = genesisEffects(this.#genesis);
    await this.#commit(
      writes,
      [{ leaf: this.#genesisBytes, effects: encodeEffects(writes) }],
      0,
      this.#genesis.time,
    );
  }

  async #commit(
    writes: AppliedBlock["writes"],
    leaves: readonly AppliedLeaf[],
    height: number,
    time: number,
  ): Promise<void> {
    const before = this.#store.head();
    const range = CompactRange.from(before?.size ?? 0, before?.edge ?? []);
    for (const { leaf } of leaves) range.append(leafHash(leaf));
    await this.#store.commit({
      writes,
      leaves,
      head: { height, size: range.size, time, edge: range.hashes() },
    });
    // Die here: committed. The senders have no answer and ask again; `tx.duplicate` gives them the index. Tiles and
    // checkpoint are behind, and #publish() at the next start brings them up.
  }

  /** Brings tiles, signature and checkpoint up to the last commit, then lets readers see it. */
  async #publish(): Promise<void> {
    const { height, size, time, edge } = this.#storedHead();
    const root = CompactRange.from(size, edge).root();
    if (this.#log.size > size)
      throw new LedgerError(
        "consensus.behind",
        `the log's files have size ${this.#log.size}, the state ${size}`,
      );
    await this.#log.grow(leavesOf(this.#store.entries(this.#log.size, size)));
    // Die here: tiles beyond the checkpoint, to which nothing refers; the next run writes the same bytes again.
    this.#requireRoot(root);
    const checkpoint = { origin: this.#genesis.origin, size, root };
    const note = await this.#signer.sign(checkpoint, time, (from) => this.#log.proveSince(from));
    // Die here: the signer remembers (size, root), so the next run can only sign the same again.
    await this.#log.publish(note);
    // Die here: all is done but the answer to the senders, as above.
    this.#store.advance();
    this.#head = { origin: this.#genesis.origin, height, size, root, time, checkpoint: note };
  }

  #requireRoot(root: Hash32): void {
    if (!equal(this.#log.root(), root))
      throw new LedgerError("consensus.corrupt", "the leaves do not lead to the stored root");
  }

  async #submission(result: Result, height: number, time: number): Promise<Submission> {
    if (result.ok) return { ok: true, index: result.index, height, time, duplicate: false };
    if (result.index === undefined)
      return { ok: false, code: result.code, message: result.message };
    const first = await this.#store.entry(result.index);
    if (first === null)
      throw new LedgerError("consensus.corrupt", `entry ${result.index} is missing`);
    const entry = decodeLedgerEntry(first.leaf);
    return {
      ok: true,
      index: result.index,
      height: entry.height,
      time: entry.time,
      duplicate: true,
    };
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) {
      try {
        listener(this.#head);
      } catch (error) {
        // The commit stands whatever a listener makes of it.
        process.emitWarning(error as Error);
      }
    }
  }

  #storedHead(): StoredHead {
    const head = this.#store.head();
    if (head === null) throw new LedgerError("consensus.corrupt", "no head is stored");
    return head;
  }
}

async function* leavesOf(entries: AsyncIterable<CommittedEntry>): AsyncIterable<Uint8Array> {
  for await (const { leaf } of entries) yield leaf;
}

function requireSoleValidator(genesis: Genesis, keys: SigningKeys): string {
  const [validator, ...others] = genesis.validators;
  if (others.length > 0)
    throw new LedgerError(
      "genesis.key",
      `solo needs one validator, genesis names ${others.length + 1}`,
    );
  if (!equal(validator!.log, keys.log.publicKey))
    throw new LedgerError("genesis.key", "the log key");
  if (!equal(validator!.cosigner, keys.cosigner.publicKey))
    throw new LedgerError("genesis.key", "the cosigner key");
  return validator!.name;
}

function haltedBy(cause: Error): LedgerError {
  return new LedgerError("consensus.halted", cause.message, { cause });
}
