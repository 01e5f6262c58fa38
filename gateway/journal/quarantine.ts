// The quarantine: what was refused, with its reason, durable and bounded; it is acknowledged only once it lies here (D4).

import { GatewayError } from "../errors.ts";
import type { Files, Vault } from "../ports.ts";
import { FRAME_HEAD_BYTES } from "./frame.ts";
import { nodeFiles } from "./node-files.ts";
import { type Entry, type QuarantineRecord, quarantineCodec } from "./quarantine-record.ts";
import { type Cursor, openSegmentLog, type TornTail } from "./segment-log.ts";

export type { QuarantineRecord } from "./quarantine-record.ts";

export interface QuarantineOptions {
  readonly directory: string;
  readonly segmentBytesMax: number;
  readonly quarantineBytesMax: number;
  /** Share of one client: what its entries take on disk, the bytes around the messages included. */
  readonly clientBytesMax: number;
  readonly files?: Files;
  /** Whatever may hold the body of an access event lies here sealed. */
  readonly vault: Vault;
  /** Told after each durable write. */
  readonly onGroup?: () => void;
}

/** One message in quarantine. */
export interface QuarantineEntry extends Omit<QuarantineRecord, "payload"> {
  /** Grows with arrival; the cursor of read(). */
  readonly id: number;
  /** Null once the key that it was sealed under is destroyed. */
  readonly payload: Uint8Array | null;
  /** What the entry takes on disk. */
  readonly storedBytes: number;
}

export interface Quarantine {
  /** Resolves with the entry's id once it is durable. Errors: `quarantine.full`, `quarantine.client-full`, `journal.*`. */
  add(record: QuarantineRecord): Promise<number>;
  /** An entry found its place elsewhere (code: what became of it) and is listed no more; durable when it resolves. */
  settle(entry: QuarantineEntry, code: string): Promise<void>;
  /** One entry by its id. */
  get(id: number): Promise<QuarantineEntry>;
  /** Up to `limit` unsettled entries with an id above `after`, oldest first. */
  read(after: number, limit: number): Promise<QuarantineEntry[]>;
  /** Unsettled entries of one reason, as the opening found them; each with its kid. */
  readonly unknownKeys: readonly { readonly id: number; readonly kid: Uint8Array }[];
  /** Unsettled entries. */
  count(): number;
  bytes(): number;
  readonly torn: TornTail | null;
  close(): Promise<void>;
}

// An id is the cursor in one number: segments stay below 2^32 bytes, and 2^21 of them are more than a disk holds.
const SEGMENT = 2 ** 32;
const idOf = ({ segment, offset }: Cursor): number => segment * SEGMENT + offset;
const cursorOf = (id: number): Cursor => ({
  segment: Math.floor(id / SEGMENT),
  offset: id % SEGMENT,
});

type Refused = Extract<Entry, { type: "refused" }>;

/** What an entry takes on disk. */
function entryBytes(entry: Refused): number {
  return FRAME_HEAD_BYTES + quarantineCodec.length(entry);
}

/** The first byte of a signed statement (COSE tag 18), which holds no body. */
const STATEMENT = 0xd2;

/** Opens the quarantine of a folder. Errors: `journal.corrupt`. */
export async function openQuarantine(options: QuarantineOptions): Promise<Quarantine> {
  const log = await openSegmentLog<Entry>({
    directory: options.directory,
    codec: quarantineCodec,
    files: options.files ?? nodeFiles,
    segmentBytesMax: options.segmentBytesMax,
    bytesMax: options.quarantineBytesMax,
    fullCode: "quarantine.full",
    ...(options.onGroup === undefined ? {} : { onGroup: options.onGroup }),
  });
  const settled = new Set<number>();
  const openInSegment = new Map<number, number>();
  const clientBytes = new Map<string, number>();
  let count = 0;

  function charge(device: string, bytes: number): void {
    const used = (clientBytes.get(device) ?? 0) + bytes;
    if (used > 0) clientBytes.set(device, used);
    else clientBytes.delete(device);
  }

  function opened(id: number): void {
    const { segment } = cursorOf(id);
    openInSegment.set(segment, (openInSegment.get(segment) ?? 0) + 1);
    count += 1;
  }

  /** Once for each entry: a second time would free a segment in which another entry is still open. */
  function closed(id: number, device: string, bytes: number): void {
    if (settled.has(id)) return;
    settled.add(id);
    const { segment } = cursorOf(id);
    openInSegment.set(segment, (openInSegment.get(segment) ?? 1) - 1);
    count -= 1;
    charge(device, -bytes);
  }

  /** Oldest segments in which nothing is open any more go. */
  async function tidy(): Promise<void> {
    const first = log.start().segment;
    let until = first;
    while (until < log.end().segment && (openInSegment.get(until) ?? 0) === 0) until += 1;
    if (until === first) return;
    await log.release({ segment: until, offset: 0 });
    for (const id of settled) if (id < until * SEGMENT) settled.delete(id);
    for (const segment of openInSegment.keys()) if (segment < until) openInSegment.delete(segment);
  }

  const unknown = new Map<number, Uint8Array>();
  for await (const { value, at } of log.replay(log.start())) {
    if (value.type === "refused") {
      opened(idOf(at));
      charge(value.record.device, entryBytes(value));
      const { reason, kid } = value.record;
      if (reason === "unknown-key" && kid !== null) unknown.set(idOf(at), Uint8Array.from(kid));
    } else if (cursorOf(value.id).segment >= log.start().segment) {
      closed(value.id, value.device, value.bytes);
      unknown.delete(value.id);
    }
  }
  await tidy();

  async function get(id: number): Promise<QuarantineEntry> {
    const value = await log.readAt(cursorOf(id));
    if (value.type !== "refused")
      throw new GatewayError("journal.cursor", `${id} is no entry of the quarantine`);
    return entryOf(id, value);
  }

  function entryOf(id: number, refused: Refused): QuarantineEntry {
    const { record, sealed } = refused;
    const payload = sealed ? options.vault.open(record.payload) : record.payload;
    return { ...record, payload, id, storedBytes: entryBytes(refused) };
  }

  function sealedRecord(record: QuarantineRecord): Refused {
    if (record.payload[0] === STATEMENT) return { type: "refused", record, sealed: false };
    const payload = options.vault.seal(record.payload);
    return { type: "refused", record: { ...record, payload }, sealed: true };
  }

  return {
    unknownKeys: Array.from(unknown, ([id, kid]) => ({ id, kid })),
    torn: log.torn,
    count: () => count,
    bytes: log.bytes,
    get,
    close: log.close,

    async add(record) {
      const used = clientBytes.get(record.device) ?? 0;
      const refused = sealedRecord(record);
      const bytes = entryBytes(refused);
      if (used + bytes > options.clientBytesMax) {
        throw new GatewayError(
          "quarantine.client-full",
          `${record.device} has ${used} of ${options.clientBytesMax} bytes`,
        );
      }
      // Charged before it is written: what is on its way to the disk counts too.
      charge(record.device, bytes);
      try {
        const id = idOf((await log.append(refused)).at);
        opened(id);
        return id;
      } catch (error) {
        charge(record.device, -bytes);
        throw error;
      }
    },

    async settle(entry, code) {
      const { id, device, storedBytes: bytes } = entry;
      if (!settled.has(id)) {
        await log.append({ type: "settled", id, code, device, bytes });
        // Die here: it is settled; the next start frees its segment.
        closed(id, device, bytes);
      }
      await tidy();
    },

    async read(after, limit) {
      const entries: QuarantineEntry[] = [];
      const { segment } = cursorOf(Math.max(0, after));
      if (segment > log.end().segment) return entries;
      const from = segment < log.start().segment ? log.start() : { segment, offset: 0 };
      for await (const { value, at } of log.replay(from)) {
        if (entries.length >= limit) break;
        const id = idOf(at);
        if (value.type === "refused" && id > after && !settled.has(id))
          entries.push(entryOf(id, value));
      }
      return entries;
    },
  };
}
