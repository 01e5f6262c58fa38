// The one way in: check a batch's structure, archive it durably, submit its anchor, publish (life of a reading 6-8, D5).

import {
  type Cbor,
  type Checkpoint,
  CompactRange,
  ED25519,
  edgeFromTiles,
  equal,
  FormatError,
  type Hash32,
  leafHash,
  makeVkey,
  openCheckpoint,
  parseNote,
  parseTransaction,
  toHex,
  verifyConsistency,
} from "@muniment/core";
import type { Archive, StagedBatch } from "../archive/archive.ts";
import type { Consensus, Submission } from "../consensus/consensus.ts";
import type { Clock } from "../ports.ts";
import { type Batch, parseBatch } from "./batch.ts";
import { INTAKE_CODES, type IntakeCode } from "./codes.ts";
import { type GatewayState, readGateway, zoneOf } from "./gateway-state.ts";
import { referencedBodies } from "./referenced-bodies.ts";

/** An anchor that committed: the note it carries, and the block time in ms. */
interface Anchored {
  readonly root: Hash32;
  readonly note: string;
  readonly time: number;
}

export interface IntakeNeeds {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly clock: Clock;
  /** The anchor of this gateway at exactly this size, or null. */
  readonly anchoredAt: (gateway: string, size: number) => Promise<Anchored | null>;
}

const INTAKE_LIMITS = {
  /** Batches of all gateways in memory at once: each may hold some 8 MiB. */
  batchesInFlightMax: 32,
  /** Requests of one gateway waiting for its turn: the one in flight, and those sent again before it answered. */
  turnsPerGatewayMax: 4,
} as const;

export type BatchAnswer =
  | { readonly ok: true; readonly result: "accepted" | "already"; readonly size: number }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      /** With `anchor.conflict`: the gateway's own note that the ledger holds. */
      readonly theirs?: string;
      /** With `batch.not-next`: the size that is anchored. */
      readonly anchored?: number;
    };

/** A request whose note the gateway's log has signed. */
interface Opened {
  readonly batch: Batch;
  readonly checkpoint: Checkpoint;
}

export type Refusal = Extract<BatchAnswer, { ok: false }>;

/** The way in for batches and transactions. */
export class Intake {
  readonly #needs: IntakeNeeds;
  readonly #turns = new Map<string, { count: number; last: Promise<unknown> }>();
  readonly #listeners = new Set<(outcome: string) => void>();
  #inFlight = 0;
  #closed = false;

  constructor(needs: IntakeNeeds) {
    this.#needs = needs;
  }

  /** Batches being checked, archived or anchored now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Called with each batch's outcome: accepted, already, or the code of the refusal. */
  onAnswer(listener: (outcome: string) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Takes one batch of a gateway. Idempotent by (gateway, size, root). One batch of a gateway is in flight at a time.
   * A refusal is an answer; an exception means that the outcome is unknown and the same batch may be sent again.
   */
  async acceptBatch(gateway: string, request: Uint8Array): Promise<BatchAnswer> {
    const opened = this.#open(gateway, request);
    const answer =
      "code" in opened ? opened : await this.#inTurn(gateway, () => this.#accept(gateway, opened));
    for (const listener of this.#listeners) listener(answer.ok ? answer.result : answer.code);
    return answer;
  }

  /** Runs while no batch of the gateway is in flight: what is staged then never was anchored. Refused when busy. */
  whileIdle<T>(gateway: string, work: () => Promise<T>): Promise<T | Refusal> {
    return this.#inTurn(gateway, async () => {
      await this.recover(gateway);
      return work();
    });
  }

  async #inTurn<T>(gateway: string, accept: () => Promise<T>): Promise<T | Refusal> {
    const turn = this.#turns.get(gateway) ?? { count: 0, last: Promise.resolve() };
    if (
      this.#closed ||
      this.#inFlight >= INTAKE_LIMITS.batchesInFlightMax ||
      turn.count >= INTAKE_LIMITS.turnsPerGatewayMax
    ) {
      return refuse("intake.busy", `${this.#inFlight} in all, ${turn.count} of ${gateway}`);
    }
    this.#inFlight++;
    turn.count++;
    const answer = turn.last.then(accept);
    turn.last = answer.catch(() => undefined);
    this.#turns.set(gateway, turn);
    try {
      return await answer;
    } finally {
      this.#inFlight--;
      if (--turn.count === 0) this.#turns.delete(gateway);
    }
  }

  /** Orders one transaction. Anchors come with their entries, through acceptBatch(): alone, they would commit to nothing kept. */
  async acceptTransaction(bytes: Uint8Array): Promise<Submission | Refusal> {
    if (kindOf(bytes) === "anchor")
      return refuse(
        "batch.anchor",
        "an anchor is posted with its entries to /gateways/<id>/entries",
      );
    return this.#needs.consensus.submit(bytes);
  }

  /** Publishes what was anchored, and forgets what never can be, after a stop at any point of acceptBatch(). */
  async recover(only?: string): Promise<void> {
    const { archive, anchoredAt } = this.#needs;
    for (const { gateway, size, root } of await archive.staged(only)) {
      const anchored = await anchoredAt(gateway, size);
      if (anchored !== null && equal(anchored.root, root))
        await archive.publish(gateway, size, root, anchored.time);
      else if (size <= this.#anchoredSize(gateway)) await archive.drop({ gateway, size, root });
    }
  }

  /** Takes nothing more, and resolves when what is in flight has its outcome. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#turns.values(), ({ last }) => last));
  }

  /** What needs no turn: a stranger's requests must not take those of the gateway whose name they bear. */
  #open(gateway: string, request: Uint8Array): Opened | Refusal {
    const batch = parseBatch(request);
    if ("code" in batch) return refuse(batch.code, batch.found);
    const state = readGateway(this.#needs.consensus.get(`gateway/${gateway}`));
    if (state === null) return refuse("anchor.unknown-gateway", gateway);
    const checkpoint = openNote(batch.checkpoint, state);
    if (checkpoint instanceof FormatError) return refuse("batch.checkpoint", checkpoint.message);
    return { batch, checkpoint };
  }

  async #accept(gateway: string, { batch, checkpoint }: Opened): Promise<BatchAnswer> {
    const { consensus, archive } = this.#needs;
    // Enrolled already when the note was opened, and its log key never changes; its size may have.
    const state = readGateway(consensus.get(`gateway/${gateway}`))!;
    if (checkpoint.size <= state.size) return this.#compareWithHeld(gateway, checkpoint, state);
    if (state.status !== "active") return refuse("anchor.suspended", gateway);
    if (batch.from !== state.size) {
      return {
        ...refuse("batch.not-next", `from ${batch.from}, anchored ${state.size}`),
        anchored: state.size,
      };
    }
    if (archive.size(gateway) !== state.size) await this.recover(gateway);
    if (archive.size(gateway) !== state.size) {
      return refuse("archive.behind", `${archive.size(gateway)} of ${state.size} entries`);
    }
    const problem =
      (await this.#checkGrowth(gateway, batch, checkpoint, state)) ??
      checkAnchor(gateway, batch, checkpoint);
    if (problem !== null) return problem;

    const { building } = state;
    const zone = zoneOf(consensus.get(`building/${building}`));
    const sender = { gateway, building, zone, now: this.#needs.clock.now() };
    return this.#commit(
      { ...batch, gateway, ...checkpoint, bodies: referencedBodies(batch, sender) },
      batch.anchor,
    );
  }

  /** Stage, submit, publish: in that order, whatever happens between. */
  async #commit(staged: StagedBatch, anchor: Uint8Array): Promise<BatchAnswer> {
    const { consensus, archive } = this.#needs;
    const { gateway, size, root } = staged;
    await archive.stage(staged);
    // Die here: entries that nothing refers to. The gateway sends the batch again, or recover() drops it once overtaken.
    const submission = await consensus.submit(anchor);
    if (!submission.ok) {
      await archive.drop(staged);
      return submission;
    }
    // Die here: anchored, archived, not yet served. recover() publishes; the gateway asks again and hears "already".
    await archive.publish(gateway, size, root, submission.time);
    return { ok: true, result: submission.duplicate ? "already" : "accepted", size };
  }

  /** The gateway sends a size that is anchored, or smaller: the same history, or another. */
  async #compareWithHeld(
    gateway: string,
    checkpoint: Checkpoint,
    state: GatewayState,
  ): Promise<BatchAnswer> {
    const { archive, anchoredAt } = this.#needs;
    const { size, root } = checkpoint;
    const anchored = await anchoredAt(gateway, size);
    if (anchored !== null && equal(anchored.root, root)) {
      if (archive.size(gateway) < size) await this.recover(gateway);
      if (archive.size(gateway) < size)
        return refuse("archive.behind", `${archive.size(gateway)} of ${size} entries`);
      return { ok: true, result: "already", size };
    }
    if (anchored !== null) return conflict(gateway, checkpoint, anchored);
    const held = await rootAt(archive, gateway, size);
    if (held === null)
      return refuse("archive.behind", `${archive.size(gateway)} of ${state.size} entries`);
    if (equal(held, root)) {
      return {
        ...refuse("batch.not-next", `size ${size}, anchored ${state.size}`),
        anchored: state.size,
      };
    }
    const latest = await anchoredAt(gateway, state.size);
    if (latest === null) return refuse("archive.behind", `the anchor of size ${state.size}`);
    return conflict(gateway, checkpoint, latest);
  }

  async #checkGrowth(
    gateway: string,
    batch: Batch,
    checkpoint: Checkpoint,
    state: GatewayState,
  ): Promise<Refusal | null> {
    const { size, root } = checkpoint;
    if (batch.entries.length !== size - batch.from) {
      return refuse("batch.count", `${batch.entries.length} entries from ${batch.from} to ${size}`);
    }
    const readTile = (path: string) => this.#needs.archive.readTile(gateway, path);
    const range = CompactRange.from(batch.from, await edgeFromTiles(batch.from, readTile));
    for (const entry of batch.entries) range.append(leafHash(entry));
    if (!equal(range.root(), root)) {
      return refuse("batch.root", `expected ${toHex(root)}, found ${toHex(range.root())}`);
    }
    const consistent =
      state.size === 0
        ? batch.proof.length === 0
        : verifyConsistency({
            size1: state.size,
            size2: size,
            root1: state.root,
            root2: root,
            proof: batch.proof,
          });
    return consistent
      ? null
      : refuse("batch.consistency", `from ${state.size} to ${size}, ${batch.proof.length} hashes`);
  }

  #anchoredSize(gateway: string): number {
    return readGateway(this.#needs.consensus.get(`gateway/${gateway}`))?.size ?? 0;
  }
}

/** The transaction must speak of this very batch; whether it is signed and allowed is the machine's to say. */
function checkAnchor(gateway: string, batch: Batch, checkpoint: Checkpoint): Refusal | null {
  try {
    const { kind, sequence, body } = parseTransaction(batch.anchor);
    if (kind !== "anchor") return refuse("batch.anchor", `kind ${kind}`);
    if (body.get("gateway") !== gateway)
      return refuse("batch.anchor", `gateway ${String(body.get("gateway"))}`);
    if (body.get("checkpoint") !== batch.checkpoint)
      return refuse("batch.anchor", "it names another checkpoint");
    if (sequence !== checkpoint.size)
      return refuse("batch.anchor", `seq ${sequence}, expected ${checkpoint.size}`);
    if (!sameHashes(body.get("proof"), batch.proof))
      return refuse("batch.anchor", "it carries another proof");
    return null;
  } catch (error) {
    if (error instanceof FormatError) return refuse("batch.anchor", error.message);
    throw error;
  }
}

function sameHashes(value: Cbor | undefined, hashes: readonly Hash32[]): boolean {
  if (!Array.isArray(value) || value.length !== hashes.length) return false;
  return value.every((item, i) => item instanceof Uint8Array && equal(item, hashes[i]!));
}

/** The log's own line and no other: any other could be changed unseen, and evidence carries the note as it is. */
function openNote(note: string, state: GatewayState): Checkpoint | FormatError {
  try {
    const lines = parseNote(note).signatures.length;
    if (lines !== 1)
      return new FormatError("note.structure", `${lines} signature lines, expected 1`);
    return openCheckpoint(note, makeVkey(state.origin, ED25519, state.logKey));
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

/** Root of the gateway's log when it had `size` entries; null when the archive does not reach that far. */
async function rootAt(archive: Archive, gateway: string, size: number): Promise<Hash32 | null> {
  if (archive.size(gateway) < size) return null;
  const readTile = (path: string) => archive.readTile(gateway, path);
  return CompactRange.from(size, await edgeFromTiles(size, readTile)).root();
}

function kindOf(bytes: Uint8Array): string | null {
  try {
    return parseTransaction(bytes).kind;
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

function conflict(gateway: string, ours: Checkpoint, theirs: Anchored): BatchAnswer {
  const message = `${gateway} at size ${ours.size}: expected root ${toHex(theirs.root)}, found ${toHex(ours.root)}`;
  return { ...refuse("anchor.conflict", message), theirs: theirs.note };
}

function refuse(code: IntakeCode, found: string): Refusal {
  return { ok: false, code, message: `${INTAKE_CODES[code][1]}: ${found}` };
}
