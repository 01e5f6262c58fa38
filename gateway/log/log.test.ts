// The log on disk: tiles, checkpoint and state after every possible power cut (D3, FORMAT 3).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompactRange,
  decodeEntries,
  equal,
  leafHash,
  makeVkey,
  openCheckpoint,
  proveInclusion,
  sha256,
  signerFromSeed,
  utf8,
  verifyConsistency,
  verifyInclusion,
} from "@muniment/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Blow, Fuse, PowerCut } from "../fuse.ts";
import { type Journal, type JournalRecord, openJournal } from "../journal/journal.ts";
import { memoryStore } from "../memory-store.ts";
import { memoryVault } from "../memory-vault.ts";
import { type Batch, type Log, openLog } from "./log.ts";
import { memoryLogFiles } from "./memory-log-files.ts";
import type { BatchLimits } from "./policy.ts";

const vault = memoryVault();

const signer = signerFromSeed(sha256(utf8("gateway log test key")));
const ORIGIN = "ledger.test/gw/gw-1";
const vkey = makeVkey(ORIGIN, 1, signer.publicKey);
const limits: BatchLimits = { batchCountMax: 300, batchBytesMax: 1 << 20, batchAgeMsMax: 10_000 };
const genesis = utf8("genesis of gw-1");

/** What outlives a process: the journal folder and three disks. */
interface World {
  readonly directory: string;
  readonly files: Map<string, Uint8Array>;
  readonly state: Map<string, Uint8Array>;
  readonly bodies: Map<string, Uint8Array>;
}

const kid = sha256(utf8("a device key"));
const noWindows = { export: () => new Uint8Array(0), note() {}, settled: async () => {} };

function record(n: number): JournalRecord {
  const body = n % 50 === 7 ? utf8(`body ${n}`) : null;
  const statement = utf8(`statement ${n} `.repeat(1 + (n % 4)));
  return { arrivedAt: 1_000 + n, late: false, kid, sequence: n, statement, body };
}

let directories: string[] = [];
let journals: Journal[] = [];
beforeEach(() => {
  directories = [];
  journals = [];
});
afterEach(async () => {
  for (const journal of journals) await journal.close();
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function newWorld(records: number): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "muniment-log-"));
  directories.push(directory);
  const journal = await openJournal({
    directory,
    segmentBytesMax: 4_096,
    journalBytesMax: 1 << 26,
    vault,
  });
  await Promise.all(Array.from({ length: records }, (_, n) => journal.append(record(n + 1))));
  await journal.close();
  return { directory, files: new Map(), state: new Map(), bodies: new Map() };
}

async function open(
  world: World,
  fuse = new Fuse(),
  other: Partial<BatchLimits> = {},
): Promise<Log> {
  const journal = await openJournal({
    directory: world.directory,
    segmentBytesMax: 4_096,
    journalBytesMax: 1 << 26,
    vault,
  });
  journals.push(journal);
  return openLog({
    origin: ORIGIN,
    signer,
    genesis,
    journal,
    files: memoryLogFiles(world.files, fuse),
    state: memoryStore(world.state, fuse),
    bodies: memoryStore(world.bodies, fuse),
    windows: { ...noWindows, export: (kidHex) => utf8(`window of ${kidHex}`) },
    limits: { ...limits, ...other },
    pruneFinal: false,
  });
}

async function drain(log: Log): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (let batch = await log.closeBatch(); batch !== null; batch = await log.closeBatch())
    batches.push(batch);
  return batches;
}

/** Re-verifies the whole log from its files alone, and returns its entries. */
async function checkLog(world: World, records: number): Promise<void> {
  const { size, root } = openCheckpoint(
    new TextDecoder().decode(world.files.get("checkpoint")!),
    vkey,
  );
  expect(size).toBe(records + 1);
  const entries: Uint8Array[] = [];
  for (const [path, bytes] of world.files) {
    if (/^tile\/entries\/\d{3}(\.p\/\d+)?$/.test(path)) {
      const index = Number(path.slice(13, 16));
      const bundle = decodeEntries(bytes);
      for (const [at, entry] of bundle.entries()) entries[index * 256 + at] = entry;
    }
  }
  expect(entries.length).toBe(size);
  const range = new CompactRange();
  for (const entry of entries) range.append(leafHash(entry));
  expect(equal(range.root(), root)).toBe(true);
  expect(entries[0]).toEqual(genesis);
  for (let n = 1; n <= records; n++) expect(entries[n]).toEqual(record(n).statement);
  const readTile = async (path: string) => world.files.get(path) ?? null;
  for (const index of [0, 1, 255, 256, size - 1].filter((at) => at < size)) {
    const proof = await proveInclusion(index, size, readTile);
    expect(verifyInclusion({ index, size, leaf: leafHash(entries[index]!), root, proof })).toBe(
      true,
    );
  }
}

describe("the gateway's log", () => {
  it("begins with the genesis leaf and a signed checkpoint of size 1", async () => {
    const world = await newWorld(0);
    const log = await open(world);
    expect(log.size()).toBe(1);
    expect(openCheckpoint(log.checkpoint(), vkey).root).toEqual(leafHash(genesis));
    expect(await log.closeBatch()).toBeNull();
    await checkLog(world, 0);
  });

  it("closes batches within the limits, each consistent with the one before", async () => {
    const world = await newWorld(1_000);
    const log = await open(world);
    expect(log.pending().count).toBe(1_000);
    const batches = await drain(log);
    expect(batches.map(({ from, size }) => [from, size])).toEqual([
      [1, 301],
      [301, 601],
      [601, 901],
      [901, 1_001],
    ]);
    for (const [before, batch] of batches.slice(1).entries()) {
      const { from, size, root, proof } = batch;
      const claim = { size1: from, size2: size, root1: batches[before]!.root, root2: root, proof };
      expect(verifyConsistency(claim)).toBe(true);
      expect(openCheckpoint(batch.checkpoint, vkey)).toEqual({ origin: ORIGIN, size, root });
    }
    const first = batches[0]!;
    expect((await log.entries(first)).length).toBe(300);
    expect(await log.bodies(first)).toHaveLength(6);
    expect(log.pending().count).toBe(0);
    await checkLog(world, 1_000);
  });

  it("closes by bytes too: no batch is larger than one request may be", async () => {
    const world = await newWorld(100);
    const log = await open(world, new Fuse(), { batchBytesMax: 500 });
    for (const batch of await drain(log)) {
      const bytes = (await log.entries(batch)).reduce((sum, entry) => sum + 2 + entry.length, 0);
      expect(bytes).toBeLessThanOrEqual(500);
    }
    expect(log.size()).toBe(101);
  });

  it("keeps partial files only where no full one is", async () => {
    const world = await newWorld(600);
    await drain(await open(world, new Fuse(), { batchCountMax: 70 }));
    const partial = Array.from(world.files.keys()).filter((path) => path.includes(".p/"));
    expect(
      partial.filter((path) => /\/00[01]\.p\//.test(path) && !path.startsWith("tile/1/")),
    ).toEqual([]);
    expect(partial).toContain("tile/0/002.p/89");
  });

  it("forgets batches, bodies and, where asked, bundles below the final size", async () => {
    const world = await newWorld(700);
    const fuse = new Fuse();
    const log = await openLog({
      origin: ORIGIN,
      signer,
      genesis,
      journal: await reopened(world),
      files: memoryLogFiles(world.files, fuse),
      state: memoryStore(world.state, fuse),
      bodies: memoryStore(world.bodies, fuse),
      windows: noWindows,
      limits,
      pruneFinal: true,
    });
    const [first, second] = await drain(log);
    expect(await log.batchFrom(0)).not.toBeNull();
    await log.finalise(second!.size);
    expect(await log.batchFrom(first!.from)).toMatchObject({ from: 1, size: 701 });
    expect(await log.bodies(first!)).toEqual([]);
    expect(world.files.has("tile/entries/000")).toBe(false);
    expect(world.files.has("tile/entries/001")).toBe(false);
    expect(world.files.has("tile/entries/002.p/189")).toBe(true);
    expect(world.files.has("tile/0/000")).toBe(true);
    await log.finalise(second!.size);
  });

  it("cuts the rest of a batch when the ledger took a boundary inside it", async () => {
    const world = await newWorld(50);
    const log = await open(world);
    const [batch] = await drain(log);
    await log.finalise(1);
    const rest = await log.batchFrom(20);
    expect(rest).toMatchObject({ from: 20, size: 51 });
    const { root } = rest!;
    const range = new CompactRange();
    range.append(leafHash(genesis));
    for (let n = 1; n < 20; n++) range.append(leafHash(record(n).statement));
    expect(
      verifyConsistency({
        size1: 20,
        size2: 51,
        root1: range.root(),
        root2: root,
        proof: rest!.proof,
      }),
    ).toBe(true);
    expect(await log.extends(20, range.root())).toBe(true);
    expect(await log.extends(20, batch!.root)).toBe(false);
    expect(await log.extends(52, batch!.root)).toBe(false);
  });

  it("compares another history with one size of its own, though a batch closes meanwhile", async () => {
    const world = await newWorld(400);
    const files = memoryLogFiles(world.files);
    let release: () => void = () => {};
    let gate: Promise<void> = Promise.resolve();
    const log = await openLog({
      origin: ORIGIN,
      signer,
      genesis,
      journal: await reopened(world),
      files: { ...files, read: (path) => gate.then(() => files.read(path)) },
      state: memoryStore(world.state),
      bodies: memoryStore(world.bodies),
      windows: noWindows,
      limits: { ...limits, batchCountMax: 100 },
      pruneFinal: false,
    });
    const first = await log.closeBatch();
    await log.closeBatch();
    const open = gate;
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const asked = log.extends(first!.size, first!.root);
    gate = open;
    await log.closeBatch();
    release();
    expect(await asked).toBe(true);
  });

  it("refuses to sign over a journal that lost what may be signed", async () => {
    const world = await newWorld(40);
    await drain(await open(world));
    const emptied = { ...(await newWorld(0)), files: world.files, state: world.state };
    await expect(open(emptied)).rejects.toMatchObject({ code: "journal.cursor" });
  });

  it("refuses a state folder that is older than the published log", async () => {
    const world = await newWorld(40);
    await drain(await open(world));
    const older = { ...(await newWorld(0)), files: world.files };
    await expect(open(older)).rejects.toMatchObject({ code: "log.damaged" });
  });

  it("refuses tiles that do not give the recorded root", async () => {
    const world = await newWorld(40);
    await drain(await open(world));
    world.files.get("tile/0/000.p/41")![100]! ^= 1;
    await expect(open(world)).rejects.toMatchObject({ code: "log.damaged" });
    world.files.delete("tile/0/000.p/41");
    await expect(open(world)).rejects.toMatchObject({ code: "log.damaged" });
  });
});

async function reopened(world: World): Promise<Journal> {
  const journal = await openJournal({
    directory: world.directory,
    segmentBytesMax: 4_096,
    journalBytesMax: 1 << 26,
    vault,
  });
  journals.push(journal);
  return journal;
}

describe("a power cut at every durable step of opening and closing", async () => {
  const RECORDS = 420;
  const blows: readonly Blow[] = ["failed", "failed-but-persisted"];

  it.each(blows)(
    "%s: recovery arrives at the same bytes, and signs no second root",
    async (blow) => {
      const twin = await newWorld(RECORDS);
      const count = new Fuse();
      const whole = await drain(await open(twin, count));
      await checkLog(twin, RECORDS);
      const names = new Set(count.steps.map((step) => step.replace(/\d+/g, "#")));
      expect(names.size).toBeGreaterThan(8);

      for (let at = 1; at <= count.steps.length; at++) {
        const world = await newWorld(RECORDS);
        const published: string[] = [];
        await expect(open(world, new Fuse(at, blow)).then(drain)).rejects.toThrow(PowerCut);
        const survivor = world.files.get("checkpoint");
        if (survivor !== undefined) published.push(new TextDecoder().decode(survivor));

        const batches = await drain(await open(world));
        await checkLog(world, RECORDS);
        expect(new TextDecoder().decode(world.files.get("checkpoint"))).toBe(
          whole.at(-1)!.checkpoint,
        );
        for (const note of published) {
          const { size, root } = openCheckpoint(note, vkey);
          const again = [...batches, ...whole].filter((batch) => batch.size === size);
          for (const batch of again) expect(equal(batch.root, root)).toBe(true);
        }
        expect(sorted(world.files)).toEqual(sorted(twin.files));
        expect(sorted(world.state)).toEqual(sorted(twin.state));
        expect(sorted(world.bodies)).toEqual(sorted(twin.bodies));
      }
    },
  );

  it("keeps a boundary that was begun, though more arrived and the limits changed", async () => {
    const world = await newWorld(100);
    const log = await open(world);
    await drain(log);
    await Promise.all(journals.map((journal) => journal.close()));
    journals = [];
    const more = await reopened(world);
    for (let n = 101; n <= 150; n++) await more.append(record(n));
    await more.close();
    journals = [];

    // Cut right after the intent of [101, 151).
    const intent = new Fuse(2, "failed-but-persisted");
    await expect(open(world, intent).then(drain)).rejects.toThrow(PowerCut);
    expect(intent.steps[intent.steps.length - 1]).toBe("write log");
    const grown = await reopened(world);
    for (let n = 151; n <= 200; n++) await grown.append(record(n));
    await grown.close();
    journals = [];

    const recovered = await open(world, new Fuse(), { batchCountMax: 7 });
    expect(recovered.size()).toBe(151);
    expect(recovered.pending().count).toBe(50);
    expect((await drain(recovered))[0]).toMatchObject({ from: 151, size: 158 });
    await checkLog(world, 200);
  });

  it("tries a failed closing again with the same boundary, without a restart", async () => {
    const world = await newWorld(100);
    const fuse = new Fuse();
    const files = memoryLogFiles(world.files, fuse);
    let full = true;
    const journal = await reopened(world);
    const log = await openLog({
      origin: ORIGIN,
      signer,
      genesis,
      journal,
      files: {
        ...files,
        write: (written) =>
          full && written.some(({ path }) => path === "tile/entries/000.p/101")
            ? Promise.reject(new Error("ENOSPC"))
            : files.write(written),
      },
      state: memoryStore(world.state, fuse),
      bodies: memoryStore(world.bodies, fuse),
      windows: noWindows,
      limits,
      pruneFinal: false,
    });
    await expect(log.closeBatch()).rejects.toThrow("ENOSPC");
    const next = await journal.append(record(101));
    log.add({ record: record(101), leaf: leafHash(record(101).statement), next }, 7_777);
    full = false;
    expect(await log.closeBatch()).toMatchObject({ from: 1, size: 101 });
    expect(log.pending()).toEqual({
      count: 1,
      bytes: 2 + record(101).statement.length,
      since: record(101).arrivedAt,
    });
  });
});

function sorted(disk: ReadonlyMap<string, Uint8Array>): [string, string][] {
  return Array.from(disk, ([key, bytes]): [string, string] => [
    key,
    Buffer.from(bytes).toString("hex"),
  ]).sort();
}
