// An append-only log of records in segment files: group commit, replay, release, byte budget (D4, house rule 4).

import { join } from "node:path";
import { GatewayError } from "../errors.ts";
import type { AppendFile, Files } from "../ports.ts";
import { CONTENT_BYTES_MAX, FRAME_HEAD_BYTES, readFrame, sealFrame, wasDurable } from "./frame.ts";

/** A place between two records: byte `offset` of segment number `segment`. */
export interface Cursor {
  readonly segment: number;
  readonly offset: number;
}

/** Negative, zero or positive, as `a` lies before, at or behind `b`. */
export function compareCursors(a: Cursor, b: Cursor): number {
  return a.segment - b.segment || a.offset - b.offset;
}

/** How a record becomes bytes. `write` fills exactly `length(value)` bytes. */
export interface Codec<T> {
  length(value: T): number;
  write(value: T, into: Buffer, at: number): void;
  read(content: Buffer): T;
}

/** What the opening found behind the last whole record and cut off. */
export interface TornTail extends Cursor {
  readonly bytes: number;
}

export interface SegmentLogOptions<T> {
  readonly directory: string;
  readonly codec: Codec<T>;
  readonly files: Files;
  /** A segment is closed when it has reached this many bytes. */
  readonly segmentBytesMax: number;
  /** Sum of all segments; an append beyond it is refused. */
  readonly bytesMax: number;
  /** Bytes of one group; what waits beyond it goes into the next. */
  readonly groupBytesMax?: number;
  readonly fullCode: "journal.full" | "quarantine.full";
  /** Told after each durable group. */
  readonly onGroup?: (records: number, bytes: number) => void;
}

export interface SegmentLog<T> {
  /** Resolves with the places before and behind the record once it is durable; in order of the calls.
   * Errors: the full code, `journal.write` (taken back, nothing written), `journal.failed` (outcome unknown,
   * known after a restart), `journal.closed`, `journal.record`. */
  append(value: T): Promise<Appended>;
  /** As append(), but tells by a call, and so keeps no promise for each record that waits. */
  appendThen(value: T, tell: (outcome: Appended | GatewayError) => void): void;
  /** Durable records from a cursor on, up to the end at the time of the call. Errors: `journal.cursor`, `journal.corrupt`. */
  replay(from: Cursor): AsyncGenerator<Replayed<T>>;
  /** The one record that begins at a cursor. */
  readAt(at: Cursor): Promise<T>;
  /** Removes the segments that lie wholly before a cursor. */
  release(upTo: Cursor): Promise<void>;
  start(): Cursor;
  /** The durable end. */
  end(): Cursor;
  /** Bytes on disk and waiting to be. */
  bytes(): number;
  /** Why nothing can be appended any more, or null. */
  failure(): GatewayError | null;
  readonly torn: TornTail | null;
  close(): Promise<void>;
}

export interface Appended {
  readonly at: Cursor;
  readonly next: Cursor;
}

export interface Replayed<T> extends Appended {
  readonly value: T;
}

interface Waiting<T> {
  readonly value: T;
  readonly bytes: number;
  readonly tell: (outcome: Appended | GatewayError) => void;
}

const GROUP_BYTES_MAX = 4 << 20;
/** Replay reads this much at a time: more than the longest frame. */
const READ_BYTES = 2 * CONTENT_BYTES_MAX;
const NAME = /^(\d{10})\.segment$/;

function nameOf(segment: number): string {
  return `${String(segment).padStart(10, "0")}.segment`;
}

/** Opens the log in its folder, creating it when missing. Bytes behind the last whole record of the last
 * segment are cut off and reported as `torn`, unless they were durable once: that is `journal.corrupt`. */
export async function openSegmentLog<T>(options: SegmentLogOptions<T>): Promise<SegmentLog<T>> {
  const { directory, codec, files, segmentBytesMax, bytesMax, onGroup } = options;
  const groupBytesMax = options.groupBytesMax ?? GROUP_BYTES_MAX;
  const pathOf = (segment: number) => join(directory, nameOf(segment));

  await files.makeDirectory(directory);
  const sizes = new Map<number, number>(); // durable bytes of each segment, in order
  for (const { name, size } of (await files.list(directory)).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const match = NAME.exec(name);
    if (match !== null) sizes.set(Number(match[1]), size);
  }
  if (sizes.size === 0) sizes.set(1, 0);
  let segment = [...sizes.keys()].at(-1)!;
  for (const [n, present] of contiguous(sizes)) {
    if (!present) throw new GatewayError("journal.corrupt", `${pathOf(n)} is missing`);
  }

  const tail = await files.read(pathOf(segment), 0, sizes.get(segment)!).catch(missingIsEmpty);
  const whole = wholeBytes(tail, pathOf(segment));
  const torn = whole < tail.length ? { segment, offset: whole, bytes: tail.length - whole } : null;
  let file = await files.openAppend(pathOf(segment));
  if (torn !== null) await file.truncate(whole);
  // A killed process may have left whole records in the page cache only. They are about to be believed, so
  // they become durable first.
  await file.sync();
  await files.syncDirectory(directory);
  sizes.set(segment, whole);

  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let waiting: Waiting<T>[] = [];
  let waitingBytes = 0;
  let failed: GatewayError | null = null;
  let closed = false;
  let running: Promise<void> | null = null;
  let scratch = Buffer.allocUnsafeSlow(64 << 10);

  function takeGroup(): { readonly group: readonly Waiting<T>[]; readonly bytes: number } {
    let bytes = 0;
    let count = 0;
    while (
      count < waiting.length &&
      (count === 0 || bytes + waiting[count]!.bytes <= groupBytesMax)
    ) {
      bytes += waiting[count++]!.bytes;
    }
    const group = count === waiting.length ? waiting : waiting.slice(0, count);
    waiting = count === waiting.length ? [] : waiting.slice(count);
    return { group, bytes };
  }

  async function nextSegment(): Promise<void> {
    const next = await files.openAppend(pathOf(segment + 1)).catch((cause: unknown) => {
      // No room for a file, or no handle: nothing was written, and the next group tries again.
      throw new GatewayError("journal.write", String(cause), { cause });
    });
    await files.syncDirectory(directory);
    // Die here: the new segment is empty, the old one ends with a whole, durable record.
    const previous = file;
    file = next;
    segment += 1;
    sizes.set(segment, 0);
    await previous.close();
  }

  /** One write and one fdatasync for the whole group. */
  async function commit(group: readonly Waiting<T>[], bytes: number): Promise<void> {
    if (sizes.get(segment)! >= segmentBytesMax) await nextSegment();
    const start = sizes.get(segment)!;
    if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    for (const { value, bytes: length } of group) {
      codec.write(value, scratch, at + FRAME_HEAD_BYTES);
      sealFrame(scratch, at, length - FRAME_HEAD_BYTES, start);
      at += length;
    }
    try {
      await file.append(scratch.subarray(0, bytes));
    } catch (cause) {
      await takeBack(file, start);
      throw new GatewayError("journal.write", String(cause), { cause });
    }
    // Die here: none, some or all of the group is on disk; nobody was told. Opening keeps the whole records.
    await file.sync();
    // Die here: the group is durable; devices send again what was not acknowledged and are told "duplicate".
    sizes.set(segment, start + bytes);
  }

  /** A failed write (disk full) may have left a part. It is cut off, so that the next group follows a whole record. */
  async function takeBack(target: AppendFile, length: number): Promise<void> {
    await target.truncate(length);
    await target.sync();
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const { group, bytes } = takeGroup();
      try {
        if (failed !== null) throw failed;
        await commit(group, bytes);
        total += bytes;
        waitingBytes -= bytes;
      } catch (error) {
        waitingBytes -= bytes;
        // After a failed fsync the kernel may drop dirty pages and call the next one a success: the only
        // way to learn what is on disk is to read it again, at the next start.
        const refusal =
          error instanceof GatewayError
            ? error
            : new GatewayError("journal.failed", String(error), { cause: error });
        if (refusal.code !== "journal.write") failed = refusal;
        for (const { tell } of group) tell(refusal);
        continue;
      }
      let offset = sizes.get(segment)! - bytes;
      for (const entry of group) {
        const at = { segment, offset };
        offset += entry.bytes;
        entry.tell({ at, next: { segment, offset } });
      }
      onGroup?.(group.length, bytes);
    }
    running = null;
  }

  function appendThen(value: T, tell: (outcome: Appended | GatewayError) => void): void {
    const bytes = codec.length(value) + FRAME_HEAD_BYTES;
    const refusal = refusalOf(bytes);
    if (refusal !== null) {
      queueMicrotask(() => tell(refusal)); // never at once, so that callers see one order of events
      return;
    }
    waitingBytes += bytes;
    waiting.push({ value, bytes, tell });
    // Everything appended in this turn of the event loop joins the group; nobody waits when the disk is idle.
    running ??= Promise.resolve().then(run);
  }

  /** Why a frame of `bytes` bytes cannot be appended now, or null. */
  function refusalOf(bytes: number): GatewayError | null {
    if (closed) return new GatewayError("journal.closed");
    if (failed !== null) return failed;
    if (bytes > CONTENT_BYTES_MAX + FRAME_HEAD_BYTES)
      return new GatewayError("journal.record", `${bytes} bytes, at most ${CONTENT_BYTES_MAX}`);
    if (total + waitingBytes + bytes > bytesMax)
      return new GatewayError(
        options.fullCode,
        `${total + waitingBytes} of ${bytesMax} bytes are used`,
      );
    return null;
  }

  const start = (): Cursor => ({ segment: sizes.keys().next().value!, offset: 0 });
  const end = (): Cursor => ({ segment, offset: sizes.get(segment)! });

  return {
    torn,
    start,
    end,
    bytes: () => total + waitingBytes,
    failure: () => failed,

    append: (value) =>
      new Promise((resolve, reject) => {
        appendThen(value, (outcome) => {
          if (outcome instanceof GatewayError) reject(outcome);
          else resolve(outcome);
        });
      }),
    appendThen,

    async *replay(from) {
      const until = end();
      if (compareCursors(from, start()) < 0 || compareCursors(from, until) > 0) {
        throw new GatewayError(
          "journal.cursor",
          `${show(from)} is not within ${show(start())} to ${show(until)}`,
        );
      }
      for (let n = from.segment; n <= until.segment; n++) {
        const size = n === until.segment ? until.offset : sizes.get(n)!;
        let offset = n === from.segment ? from.offset : 0;
        let chunk: Buffer = Buffer.alloc(0);
        let chunkAt = offset;
        while (offset < size) {
          let frame = readFrame(chunk, offset - chunkAt);
          if (frame === null) {
            // Either the chunk ends within the frame, or the frame is damaged: a fresh chunk from here tells.
            chunk = await files.read(pathOf(n), offset, Math.min(READ_BYTES, size - offset));
            chunkAt = offset;
            frame = readFrame(chunk, 0);
          }
          if (frame === null)
            throw new GatewayError("journal.corrupt", `${pathOf(n)} at byte ${offset} of ${size}`);
          const at = { segment: n, offset };
          offset = chunkAt + frame.end;
          yield { value: codec.read(frame.content), at, next: { segment: n, offset } };
        }
      }
    },

    async readAt(at) {
      const size = sizes.get(at.segment);
      if (size === undefined || at.offset >= size)
        throw new GatewayError("journal.cursor", `${show(at)} holds no record`);
      const head = await files.read(pathOf(at.segment), at.offset, 4);
      const length = head.length < 4 ? 0 : Math.min(head.readUInt32BE(0), CONTENT_BYTES_MAX + 4);
      const frame = readFrame(await files.read(pathOf(at.segment), at.offset, 8 + length), 0);
      if (frame === null)
        throw new GatewayError("journal.corrupt", `${pathOf(at.segment)} at byte ${at.offset}`);
      return codec.read(frame.content);
    },

    async release(upTo) {
      const before = [...sizes.keys()].filter((n) => n < upTo.segment && n !== segment);
      for (const n of before) {
        // Oldest first: die here, and what is left is still without a gap.
        await files.remove(pathOf(n));
        total -= sizes.get(n)!;
        sizes.delete(n);
      }
      if (before.length > 0) await files.syncDirectory(directory);
    },

    async close() {
      closed = true;
      await running;
      await file.close();
    },
  };
}

function show(cursor: Cursor): string {
  return `segment ${cursor.segment} byte ${cursor.offset}`;
}

function missingIsEmpty(error: unknown): Buffer {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
  throw error;
}

function* contiguous(sizes: ReadonlyMap<number, number>): Generator<readonly [number, boolean]> {
  const numbers = [...sizes.keys()];
  for (let n = numbers[0]!; n < numbers.at(-1)!; n++) yield [n, sizes.has(n)];
}

/** Length of the run of whole records. What follows it is a torn write, or `journal.corrupt` if it was durable once. */
function wholeBytes(bytes: Buffer, path: string): number {
  let at = 0;
  for (let frame = readFrame(bytes, at); frame !== null; frame = readFrame(bytes, at))
    at = frame.end;
  if (wasDurable(bytes, at))
    throw new GatewayError("journal.corrupt", `${path} at byte ${at} of ${bytes.length}`);
  return at;
}
