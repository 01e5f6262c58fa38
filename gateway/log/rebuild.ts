// A log that is behind its own anchor: what it lacks, from the ledger's archive, proven before it is kept (D14, RFC 9162 2.1.4).

import {
  FormatError,
  parseStatement,
  proveConsistency,
  readEntries,
  rootFromTiles,
  TILE_WIDTH,
  type TileReader,
  tilePath,
  toHex,
  verifyConsistency,
} from "@muniment/core";
import { GatewayError } from "../errors.ts";
import type { Cursor, JournalRecord, Placed } from "../journal/journal.ts";
import { compareCursors } from "../journal/segment-log.ts";
import { entryBytes } from "./policy.ts";

/** Entries taken from the archive in one durable step: 16 full bundles. */
export const RUN_ENTRIES_MAX = 16 * TILE_WIDTH;

/** The anchored tree that this log must become before anything else is signed. */
export interface Behind {
  /** Leaves that the log had when it was found to be behind. */
  readonly from: number;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Journal records behind `after`, up to `upTo`, that the rebuilt log has already. */
export interface Passed {
  readonly after: Cursor;
  readonly upTo: Cursor;
}

/** Whether the record that ends at `next` is in the log already. */
export function isPassed(passed: readonly Passed[], next: Cursor): boolean {
  return passed.some(
    ({ after, upTo }) => compareCursors(after, next) < 0 && compareCursors(next, upTo) <= 0,
  );
}

/** Where the run that begins at `size` ends. Depends on sizes alone, so that a second try writes the same files. */
export function runEnd(size: number, target: Pick<Behind, "size">, runEntriesMax: number): number {
  return Math.min(target.size, (Math.floor(size / runEntriesMax) + 1) * runEntriesMax);
}

/** Root of the first `size` leaves (1 or more) of the anchored tree, proven from the archive's tiles. Errors: `archive.invalid`, `ledger.*`. */
export function anchoredRootAt(
  size: number,
  target: Behind,
  readArchive: TileReader,
): Promise<Uint8Array> {
  return proven(async () => {
    const root = await rootFromTiles(size, readArchive);
    await requirePrefix(size, root, target, readArchive);
    return root;
  });
}

/** Entries [from, to) of the anchored log as the archive shows them: nothing is proven yet. Errors: `archive.invalid`, `ledger.*`. */
export function archivedEntries(
  from: number,
  to: number,
  target: Behind,
  readArchive: TileReader,
): Promise<Uint8Array[]> {
  return proven(() => readEntries(from, to, target.size, readArchive));
}

/** The tree of `size` leaves with this root is the beginning of the anchored one, or it is `archive.invalid`. */
export function requireAnchored(
  size: number,
  root: Uint8Array,
  target: Behind,
  readArchive: TileReader,
): Promise<void> {
  return proven(() => requirePrefix(size, root, target, readArchive));
}

async function requirePrefix(
  size: number,
  root: Uint8Array,
  target: Behind,
  readArchive: TileReader,
): Promise<void> {
  const proof = size === target.size ? [] : await proveConsistency(size, target.size, readArchive);
  const claim = { size1: size, size2: target.size, root1: root, root2: target.root, proof };
  if (verifyConsistency(claim)) return;
  throw new GatewayError(
    "archive.invalid",
    `root ${toHex(root)} at size ${size} does not lead to the anchored ${toHex(target.root)} of size ${target.size}`,
  );
}

/** What an archive shows in no known format proves nothing either. */
async function proven<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new GatewayError("archive.invalid", `${error.code}: ${error.message}`, { cause: error });
  }
}

/** What the duplicate windows must know of an entry. */
export type Sequenced = Pick<JournalRecord, "kid" | "sequence" | "statement">;

/** Key and sequence of each entry that is a statement; leaf 0 is none. */
export function sequencesOf(entries: readonly Uint8Array[]): Sequenced[] {
  const found: Sequenced[] = [];
  for (const statement of entries) {
    try {
      const { kid, sequence } = parseStatement(statement);
      found.push({ kid, sequence, statement });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return found;
}

/** What the rebuilt log has of the journal, and what that comes to. */
export interface Overlap {
  readonly passed: readonly Passed[];
  readonly count: number;
  readonly bytes: number;
}

interface Waiting {
  readonly leaf: string;
  readonly bytes: number;
  readonly next: Cursor;
}

/**
 * Which of the waiting records are leaves [from, size) of the rebuilt log: compared by leaf hash, so by key, sequence and
 * content at once. The same sequence over other bytes was acknowledged too: it goes into the log and the ledger judges it.
 */
export async function overlap(
  waiting: AsyncIterable<Placed>,
  after: Cursor,
  { from, size }: Behind,
  readTile: TileReader,
): Promise<Overlap> {
  const records: Waiting[] = [];
  for await (const { record, leaf, next } of waiting) {
    const { statement, body } = record;
    records.push({ leaf: hexOf(leaf), bytes: entryBytes(statement, body), next });
  }
  const logged = await loggedOf(new Set(records.map(({ leaf }) => leaf)), from, size, readTile);

  const passed: Passed[] = [];
  let [count, bytes] = [0, 0];
  let previous = after;
  for (const record of records) {
    if (logged.has(record.leaf)) {
      const last = passed.at(-1);
      if (last !== undefined && compareCursors(last.upTo, previous) === 0)
        passed[passed.length - 1] = { after: last.after, upTo: record.next };
      else passed.push({ after: previous, upTo: record.next });
      count += 1;
      bytes += record.bytes;
    }
    previous = record.next;
  }
  return { passed, count, bytes };
}

/** Those of `wanted` that are leaf hashes [from, size), read from the log's own tiles. */
async function loggedOf(
  wanted: ReadonlySet<string>,
  from: number,
  size: number,
  readTile: TileReader,
): Promise<ReadonlySet<string>> {
  const logged = new Set<string>();
  if (wanted.size === 0) return logged;
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < size; index++) {
    const path = tilePath(0, index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
    const tile = await readTile(path);
    if (tile === null) throw new GatewayError("log.damaged", `${path} is missing`);
    for (let at = 0; at < tile.length; at += 32) {
      const leaf = hexOf(tile.subarray(at, at + 32));
      if (index * TILE_WIDTH + at / 32 >= from && wanted.has(leaf)) logged.add(leaf);
    }
  }
  return logged;
}

function hexOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}
