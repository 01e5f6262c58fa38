// A log restored from an old backup: rebuilt to the same bytes, after every possible power cut, and nothing in it twice (D4).

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildStatement,
  CompactRange,
  decodeEntries,
  encodeEntries,
  keyThumbprint,
  leafHash,
  makeVkey,
  openCheckpoint,
  sha256,
  signerFromSeed,
  type TileReader,
  toHex,
  utf8,
} from "@muniment/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Blow, Fuse, PowerCut } from "../fuse.ts";
import { Dedup } from "../ingest/dedup.ts";
import { type Journal, type JournalRecord, openJournal } from "../journal/journal.ts";
import { memoryStore } from "../memory-store.ts";
import { memoryVault } from "../memory-vault.ts";
import { type Log, openLog, storedWindows } from "./log.ts";
import { memoryLogFiles } from "./memory-log-files.ts";

const vault = memoryVault();

const logSigner = signerFromSeed(sha256(utf8("gateway log test key")));
const device = signerFromSeed(sha256(utf8("a device")));
const kid = keyThumbprint(device.publicKey);
const kidHex = toHex(kid);
const ORIGIN = "ledger.test/gw/gw-1";
const vkey = makeVkey(ORIGIN, 1, logSigner.publicKey);
const genesis = utf8("genesis of gw-1");

interface World {
  readonly directory: string;
  readonly files: Map<string, Uint8Array>;
  readonly state: Map<string, Uint8Array>;
  readonly bodies: Map<string, Uint8Array>;
}

interface Opened {
  readonly log: Log;
  readonly journal: Journal;
  readonly dedup: Dedup;
}

const statements = new Map<number, Uint8Array>();
/** Statement number `n` of the one device. */
function statement(n: number): Uint8Array {
  let bytes = statements.get(n);
  if (bytes === undefined) {
    bytes = buildStatement({
      signer: device,
      iss: "urn:dev:os:32473-d1",
      sub: "b1",
      issuedAt: 1_700_000_000 + n,
      sequence: n,
      records: [{ name: "temp", unit: "Cel", value: n, time: 1_700_000_000 + n }],
    });
    statements.set(n, bytes);
  }
  return bytes;
}

function record(n: number): JournalRecord {
  return { arrivedAt: n, late: false, kid, sequence: n, statement: statement(n), body: null };
}

let directories: string[] = [];
let journals: Journal[] = [];
beforeEach(() => {
  directories = [];
  journals = [];
});
afterEach(async () => {
  await closeJournals();
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function closeJournals(): Promise<void> {
  for (const journal of journals.splice(0)) await journal.close();
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "muniment-rebuild-"));
  directories.push(directory);
  return directory;
}

async function emptyWorld(): Promise<World> {
  return { directory: await folder(), files: new Map(), state: new Map(), bodies: new Map() };
}

/** A backup of everything, as it is now on its disks. */
async function copyOf(world: World): Promise<World> {
  const directory = await folder();
  await cp(world.directory, directory, { recursive: true });
  const { files, state, bodies } = world;
  return {
    directory,
    files: new Map(files),
    state: new Map(state),
    bodies: new Map(bodies),
  };
}

async function open(world: World, fuse = new Fuse(), runEntriesMax = 256): Promise<Opened> {
  const { directory } = world;
  const journal = await openJournal({
    directory,
    segmentBytesMax: 8_192,
    journalBytesMax: 1 << 26,
    vault,
  });
  journals.push(journal);
  const state = memoryStore(world.state, fuse);
  const dedup = new Dedup();
  for await (const [key, packed] of storedWindows(state)) dedup.import(key, packed);
  const log = await openLog({
    origin: ORIGIN,
    signer: logSigner,
    genesis,
    journal,
    files: memoryLogFiles(world.files, fuse),
    state,
    bodies: memoryStore(world.bodies, fuse),
    windows: dedup,
    limits: { batchCountMax: 300, batchBytesMax: 1 << 20, batchAgeMsMax: 10_000 },
    pruneFinal: false,
    runEntriesMax,
    onReplay: (one) => dedup.note(one),
  });
  return { log, journal, dedup };
}

/** Puts statements into the journal, as ingest does with those that it judged new. */
async function feed({ log, journal, dedup }: Opened, numbers: readonly number[]): Promise<void> {
  const append = async (n: number): Promise<void> => {
    const next = await journal.append(record(n));
    dedup.note(record(n));
    log.add({ record: record(n), leaf: leafHash(statement(n)), next }, n);
  };
  await Promise.all(numbers.map(append));
}

async function drain(log: Log): Promise<void> {
  while ((await log.closeBatch()) !== null);
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** What the archive holds of a log: only its widest files, of which a narrower one is the beginning. */
function archiveOf(world: World): TileReader {
  return async (path) => {
    const exact = world.files.get(path);
    if (exact !== undefined) return Uint8Array.from(exact);
    const [, base, width] = /^(.*)\.p\/(\d+)$/.exec(path) ?? [];
    if (base === undefined) return null;
    const wider = Array.from(world.files.keys()).find(
      (name) =>
        name === base ||
        (name.startsWith(`${base}.p/`) && Number(name.split("/").at(-1)) > +width!),
    );
    if (wider === undefined) return null;
    const bytes = world.files.get(wider)!;
    return path.startsWith("tile/entries/")
      ? encodeEntries(decodeEntries(bytes).slice(0, +width!))
      : bytes.slice(0, +width! * 32);
  };
}

function entriesOf(world: World): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (const [path, bytes] of world.files) {
    const index = /^tile\/entries\/(\d{3})/.exec(path)?.[1];
    if (index === undefined) continue;
    for (const [at, entry] of decodeEntries(bytes).entries()) entries[+index * 256 + at] = entry;
  }
  return entries;
}

/** The log's files agree with its checkpoint, and hold these statements in this order. */
function checkLog(world: World, numbers: readonly number[]): void {
  const note = new TextDecoder().decode(world.files.get("checkpoint")!);
  const { size, root } = openCheckpoint(note, vkey);
  const entries = entriesOf(world);
  const range = new CompactRange();
  for (const entry of entries) range.append(leafHash(entry));
  expect([range.size, toHex(range.root())]).toEqual([size, toHex(root)]);
  expect(entries.slice(1).map(toHex)).toEqual(numbers.map((n) => toHex(statement(n))));
}

function anchoredOf(world: World): { readonly size: number; readonly root: Uint8Array } {
  return openCheckpoint(new TextDecoder().decode(world.files.get("checkpoint")!), vkey);
}

/** A gateway that logged 1 to 900, and its backup from when 1 to 100 were logged and 101 to 130 in the journal. */
async function restored(): Promise<{ readonly lost: World; readonly backup: World }> {
  const lost = await emptyWorld();
  const box = await open(lost);
  await feed(box, upTo(1, 100));
  await drain(box.log);
  await feed(box, upTo(101, 130));
  const backup = await copyOf(lost);
  await feed(box, upTo(131, 900));
  await drain(box.log);
  await closeJournals();
  return { lost, backup };
}

describe("a log behind its anchor", () => {
  it("is rebuilt to the same bytes, and passes over what the journal has of it", async () => {
    const { lost, backup } = await restored();
    const box = await open(backup);
    expect([box.log.size(), box.log.pending().count]).toEqual([101, 30]);
    expect(await box.log.fallBehind(anchoredOf(lost))).toBe(true);
    expect(await box.log.closeBatch()).toBeNull();
    expect(await box.log.catchUp(archiveOf(lost))).toBe(true);
    expect(box.log.behind()).toBeNull();
    expect(sorted(backup.files)).toEqual(sorted(lost.files));
    expect(box.log.pending()).toEqual({ count: 0, bytes: 0, since: 0 });
    expect(await box.log.closeBatch()).toBeNull();
    expect(await box.log.fallBehind(anchoredOf(lost))).toBe(false);

    await feed(box, upTo(901, 910));
    await drain(box.log);
    checkLog(backup, upTo(1, 910));
    expect(backup.state.has("log/passed")).toBe(false);
    await closeJournals();
    const again = await open(backup);
    expect([again.log.size(), again.log.pending().count]).toEqual([911, 0]);
  });

  it("knows every rebuilt sequence again, before and after a restart", async () => {
    const { lost, backup } = await restored();
    const box = await open(backup);
    await box.log.fallBehind(anchoredOf(lost));
    await box.log.catchUp(archiveOf(lost));
    await closeJournals();
    for (const { dedup } of [box, await open(backup)]) {
      const judge = (n: number, bytes = statement(n)) => dedup.judge(kidHex, n, leafHash(bytes));
      expect([judge(1), judge(101), judge(900)]).toEqual(Array(3).fill("duplicate"));
      expect([judge(900, statement(1)), judge(901)]).toEqual(["conflict", "new"]);
    }
  });

  it("keeps what only its journal has, wherever it stands there", async () => {
    const { lost, backup } = await restored();
    const before = await open(backup);
    const journaled = [131, 1_001, 132, 133, 1_002, 1_003, 900];
    await feed(before, journaled);
    await closeJournals();
    const box = await open(backup);
    await box.log.fallBehind(anchoredOf(lost));
    await box.log.catchUp(archiveOf(lost));
    expect(box.log.pending().count).toBe(3);
    await closeJournals();
    const again = await open(backup);
    expect(again.log.pending().count).toBe(3);
    await feed(again, [1_004]);
    await drain(again.log);
    checkLog(backup, [...upTo(1, 900), 1_001, 1_002, 1_003, 1_004]);
  });

  it("takes readings while it is rebuilt: those on their way are logged once", async () => {
    const { lost, backup } = await restored();
    const box = await open(backup);
    await box.log.fallBehind(anchoredOf(lost));
    const archive = archiveOf(lost);
    const numbers = [131, 500, 901, 902];
    const rebuilt = box.log.catchUp(async (path) => {
      const n = numbers.shift();
      if (n !== undefined) {
        // As ingest does it: judged, reserved, appended, settled, added.
        const hash = leafHash(statement(n));
        if (box.dedup.judge(kidHex, n, hash) === "new") {
          box.dedup.reserve(kidHex, n, hash);
          void box.journal.append(record(n)).then((next) => {
            box.dedup.settle(kidHex, n, true);
            box.log.add({ record: record(n), leaf: hash, next }, n);
          });
        }
      }
      return archive(path);
    });
    expect(await rebuilt).toBe(true);
    await drain(box.log);
    checkLog(backup, upTo(1, 902));
  });

  it("is rebuilt from its keys alone", async () => {
    const { lost } = await restored();
    const bare = await emptyWorld();
    const { log } = await open(bare);
    await log.fallBehind(anchoredOf(lost));
    expect(await log.catchUp(archiveOf(lost))).toBe(true);
    expect(sorted(bare.files)).toEqual(sorted(lost.files));
  });

  it("finishes a batch whose closing failed before it is compared", async () => {
    const { lost, backup } = await restored();
    const fuse = new Fuse(3); // bundles of [101, 131) can not be written
    const cut = await open(backup, fuse);
    await expect(cut.log.closeBatch()).rejects.toThrow(PowerCut);
    await closeJournals();
    const box = await open(backup);
    expect(box.log.size()).toBe(131);
    await box.log.fallBehind(anchoredOf(lost));
    expect(await box.log.catchUp(archiveOf(lost))).toBe(true);
    expect(sorted(backup.files)).toEqual(sorted(lost.files));
  });

  it("is another history when it went on by itself: nothing is changed, nothing signed any more", async () => {
    const { lost, backup } = await restored();
    const box = await open(backup);
    await feed(box, [2_000]);
    await drain(box.log);
    const own = box.log.checkpoint();
    await box.log.fallBehind(anchoredOf(lost));
    expect(await box.log.catchUp(archiveOf(lost))).toBe(false);
    await feed(box, [2_001]);
    expect(await box.log.closeBatch()).toBeNull();
    await closeJournals();
    const { log } = await open(backup);
    expect([log.checkpoint(), log.behind()?.size]).toEqual([own, 901]);
    expect(await log.closeBatch()).toBeNull();
  });

  it.each<[string, (path: string, bytes: Uint8Array) => Uint8Array | null]>([
    ["lacks a bundle", (path, bytes) => (path === "tile/entries/001" ? null : bytes)],
    ["lacks a tile", (path, bytes) => (path === "tile/1/000.p/3" ? null : bytes)],
    ["has a changed entry", (path, bytes) => flip(path === "tile/entries/001", bytes)],
    ["has a changed last entry", (path, bytes) => flip(path === "tile/entries/003.p/133", bytes)],
    ["has a changed hash", (path, bytes) => flip(path === "tile/1/000.p/3", bytes)],
    ["has a bundle cut off", (path, bytes) => bytes.slice(0, path.includes("entries") ? -1 : 1e9)],
    ["has another history", () => null],
  ])(
    "does not believe an archive that %s, and is rebuilt by an honest one",
    async (name, forge) => {
      const { lost, backup } = await restored();
      const honest = archiveOf(lost);
      const other = await emptyWorld();
      if (name === "has another history") {
        const box = await open(other);
        await feed(box, upTo(2_001, 2_900));
        await drain(box.log);
      }
      const forged: TileReader =
        name === "has another history"
          ? archiveOf(other)
          : async (path) => {
              const bytes = await honest(path);
              return bytes && forge(path, bytes);
            };
      const box = await open(backup);
      await box.log.fallBehind(anchoredOf(lost));
      await expect(box.log.catchUp(forged)).rejects.toMatchObject({ code: "archive.invalid" });
      expect(await box.log.closeBatch()).toBeNull();
      expect(await box.log.catchUp(honest)).toBe(true);
      expect(sorted(backup.files)).toEqual(sorted(lost.files));
    },
  );
});

describe("a power cut at every durable step of a rebuilding", async () => {
  const blows: readonly Blow[] = ["failed", "failed-but-persisted"];

  it.each(blows)("%s: the next start arrives at the same bytes", async (blow) => {
    const { lost, backup } = await restored();
    const waiting = await open(backup);
    await feed(waiting, [1_001, 131]);
    await closeJournals();
    const rebuild = async (world: World, fuse?: Fuse): Promise<void> => {
      const { log } = await open(world, fuse);
      await log.fallBehind(anchoredOf(lost));
      expect(await log.catchUp(archiveOf(lost))).toBe(true);
      await drain(log);
    };
    const twin = await copyOf(backup);
    const count = new Fuse();
    await rebuild(twin, count);
    const numbers = [...upTo(1, 900), 1_001];
    checkLog(twin, numbers);
    expect(new Set(count.steps.map((step) => step.replace(/\d+/g, "#"))).size).toBeGreaterThan(8);

    for (let at = 1; at <= count.steps.length; at++) {
      const world = await copyOf(backup);
      await expect(rebuild(world, new Fuse(at, blow))).rejects.toThrow(PowerCut);
      await closeJournals();
      const survivor = new TextDecoder().decode(world.files.get("checkpoint")!);
      const shown = openCheckpoint(survivor, vkey);
      const range = new CompactRange();
      for (const entry of entriesOf(twin).slice(0, shown.size)) range.append(leafHash(entry));
      expect(toHex(shown.root)).toBe(toHex(range.root()));

      // Without a network first: nothing but the anchored history is signed, and what is public does not go back.
      const { log } = await open(world);
      if (log.behind() === null) expect([101, 901, 902]).toContain(log.size());
      else expect([log.size() < 901, await log.closeBatch()]).toEqual([true, null]);
      expect(anchoredOf(world).size).toBeGreaterThanOrEqual(shown.size);
      await closeJournals();
      await rebuild(world);
      checkLog(world, numbers);
      expect(sorted(world.files)).toEqual(sorted(twin.files));
      expect(sorted(world.state)).toEqual(sorted(twin.state));
      await closeJournals();
    }
  });
});

function flip(where: boolean, bytes: Uint8Array): Uint8Array {
  if (where) bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

function sorted(disk: ReadonlyMap<string, Uint8Array>): [string, string][] {
  return Array.from(disk, ([key, bytes]): [string, string] => [
    key,
    Buffer.from(bytes).toString("hex"),
  ]).sort();
}
