// The archive over memory and disk: the bytes of its files, older tiles, deletable bodies, and death at every durable step.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  COSIGNATURE_V1,
  CompactRange,
  equal,
  type Hash32,
  leafHash,
  makeVkey,
  parseNote,
  proveConsistency,
  proveInclusion,
  rootFromTiles,
  sha256,
  signCheckpoint,
  signerFromSeed,
  utf8,
  verifyConsistency,
  verifyCosignature,
  verifyInclusion,
} from "@muniment/core";
import { SealingKeys } from "@muniment/core/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive, StagedBatch } from "./archive.ts";
import { Bodies, type NewBody } from "./bodies.ts";
import { openArchive } from "./directory-archive.ts";
import { openDiskStorage } from "./disk-storage.ts";
import { type Fault, openMemoryStorage } from "./memory-storage.ts";
import type { ArchiveStorage } from "./storage.ts";

const logSigner = signerFromSeed(sha256(utf8("archive test log")));
const signer = signerFromSeed(sha256(utf8("archive test archive")));
const name = "ledger.example/demo/archive/1";
const ANCHORED_AT = 1_767_225_600_500;

let folder: string;
let bodies: Bodies;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-archive-"));
  bodies = await Bodies.open(join(folder, "bodies"), new SealingKeys(join(folder, "keys")));
});
afterAll(async () => {
  await bodies.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (storage: ArchiveStorage): Promise<Archive> =>
  openArchive({ storage, bodies, signer, name });

const entryAt = (n: number): Uint8Array => utf8(`entry ${n} ${"·".repeat(n % 40)}`);

let longest = new CompactRange();

/** The root of the first `size` entries, by nothing but appending; going on from the last answer where that is shorter. */
function rootOf(size: number): Hash32 {
  if (longest.size > size) longest = new CompactRange();
  while (longest.size < size) longest.append(leafHash(entryAt(longest.size)));
  return longest.root();
}

function batchOf(from: number, size: number): StagedBatch {
  const root = rootOf(size);
  const checkpoint = signCheckpoint(
    { origin: "ledger.example/demo/gw/gw-1", size, root },
    logSigner,
  );
  const entries = Array.from({ length: size - from }, (_, n) => entryAt(from + n));
  return {
    gateway: "gw-1",
    from,
    size,
    root,
    checkpoint,
    entries,
    bodies: [bodyAt(size - 1)],
  };
}

/** The body of the last entry of a batch. */
function bodyAt(index: number): NewBody {
  const body = utf8(`body of ${index}`);
  return { gateway: "gw-1", index, building: "b1", date: "2026-01-02", body };
}

/** Batches from one size to the next. */
async function addSteps(archive: Archive, sizes: readonly number[]): Promise<void> {
  for (const [n, size] of sizes.entries()) await add(archive, sizes[n - 1] ?? 0, size);
}

function expectSameFiles(
  found: ReadonlyMap<string, Uint8Array>,
  expected: ReadonlyMap<string, Uint8Array>,
  when: string,
): void {
  expect(Array.from(found.keys()).sort(), when).toEqual(Array.from(expected.keys()).sort());
  for (const [path, bytes] of expected)
    expect(equal(found.get(path)!, bytes), `${when} ${path}`).toBe(true);
}

/** Sizes that grow by `step` from `from` until `to`. */
function steps(from: number, step: number, to: number): number[] {
  const sizes: number[] = [];
  for (let size = from; size < to; size += step) sizes.push(size);
  return [...sizes, to];
}

async function add(archive: Archive, from: number, size: number): Promise<void> {
  const batch = batchOf(from, size);
  await archive.stage(batch);
  await archive.publish(batch.gateway, size, batch.root, ANCHORED_AT);
}

/** What recovery does at start: everything staged was anchored here. */
async function recover(archive: Archive): Promise<void> {
  for (const { gateway, size, root } of await archive.staged())
    await archive.publish(gateway, size, root, ANCHORED_AT);
}

describe("a gateway's log", () => {
  it("has the same files whatever the batches were", async () => {
    const stepwise = openMemoryStorage();
    await addSteps(await open(stepwise), [
      1,
      3,
      255,
      256,
      257,
      300,
      512,
      ...steps(1100, 4096, 66_000),
    ]);
    const atOnce = openMemoryStorage();
    await addSteps(await open(atOnce), steps(16_000, 16_000, 66_000));
    expectSameFiles(stepwise.files, atOnce.files, "");
    expect(
      Array.from(atOnce.files.keys())
        .filter((path) => path.includes(".p/"))
        .sort(),
    ).toEqual([
      "gw-1/tile/0/257.p/208",
      "gw-1/tile/1/001.p/1",
      "gw-1/tile/2/000.p/1",
      "gw-1/tile/entries/257.p/208",
    ]);
  });

  it("serves proofs and entries for every older size too", async () => {
    const archive = await open(openMemoryStorage());
    await add(archive, 0, 300);
    await add(archive, 300, 1100);
    const readTile = (path: string) => archive.readTile("gw-1", path);
    for (const size of [1, 2, 255, 256, 257, 300, 301, 700, 1100]) {
      const root = rootOf(size);
      expect(await rootFromTiles(size, readTile)).toEqual(root);
      for (const index of [0, Math.floor(size / 2), size - 1]) {
        const proof = await proveInclusion(index, size, readTile);
        expect(verifyInclusion({ index, size, leaf: leafHash(entryAt(index)), root, proof })).toBe(
          true,
        );
      }
      const proof = await proveConsistency(size, 1100, readTile);
      expect(
        verifyConsistency({ size1: size, size2: 1100, root1: root, root2: rootOf(1100), proof }),
      ).toBe(true);
    }
    expect(await archive.entries("gw-1", 254, 259)).toEqual([254, 255, 256, 257, 258].map(entryAt));
    await expect(archive.entries("gw-1", 1099, 1101)).rejects.toMatchObject({
      code: "archive.range",
    });
  });

  it("serves only what a tile is called", async () => {
    const archive = await open(openMemoryStorage());
    await add(archive, 0, 300);
    for (const path of [
      "tile/0/000.p/256",
      "tile/0/000.p/0",
      "tile/0/000.p/007",
      "tile/0/x000/000",
      "tile/0/001",
      "tile/0/001.p/45",
      "tile/00/000",
      "tile/1/001.p/1",
      "tile/entries/../../staged",
      "checkpoint",
      "",
    ]) {
      expect(await archive.readTile("gw-1", path), path).toBeNull();
    }
    expect((await archive.readTile("gw-1", "tile/0/001.p/44"))?.length).toBe(44 * 32);
    expect(await archive.readTile("gw-2", "tile/0/000")).toBeNull();
  });

  it("carries the archive's own line, with the anchor's time", async () => {
    const archive = await open(openMemoryStorage());
    await add(archive, 0, 5);
    const note = (await archive.checkpoint("gw-1"))!;
    const line = parseNote(note).signatures[1]!.line;
    expect(verifyCosignature(note, line, makeVkey(name, COSIGNATURE_V1, signer.publicKey))).toEqual(
      { time: 1_767_225_600 },
    );
    expect(archive.cosign("gw-1", batchOf(0, 5).checkpoint, ANCHORED_AT)).toBe(note);
    expect(archive.cosign("gw-1", batchOf(0, 6).checkpoint, ANCHORED_AT)).toBeNull();
  });

  it("refuses entries that do not lead to the root, and batches that were never staged or do not follow", async () => {
    const archive = await open(openMemoryStorage());
    const batch = batchOf(0, 5);
    await expect(archive.publish("gw-1", 5, batch.root, ANCHORED_AT)).rejects.toMatchObject({
      code: "archive.not-staged",
    });
    await archive.stage({ ...batch, entries: batch.entries.with(2, utf8("other")) });
    await expect(archive.publish("gw-1", 5, batch.root, ANCHORED_AT)).rejects.toMatchObject({
      code: "archive.root",
    });
    const later = batchOf(5, 9);
    await archive.stage(later);
    await expect(archive.publish("gw-1", 9, later.root, ANCHORED_AT)).rejects.toMatchObject({
      code: "archive.range",
    });
    expect(archive.size("gw-1")).toBe(0);
  });

  it("notices tiles that do not lead to its checkpoint before it builds on them", async () => {
    const storage = openMemoryStorage();
    await add(await open(storage), 0, 5);
    storage.files.get("gw-1/tile/0/000.p/5")![0]! ^= 1;
    const archive = await open(storage);
    await expect(add(archive, 5, 9)).rejects.toMatchObject({ code: "archive.lost" });
    expect(archive.size("gw-1")).toBe(5);
  });
});

describe("staging", () => {
  it("is idempotent, forgets what was dropped, and is bounded", async () => {
    const archive = await open(openMemoryStorage());
    await archive.stage(batchOf(0, 5));
    await archive.stage(batchOf(0, 5));
    await archive.stage(batchOf(0, 6));
    expect((await archive.staged()).map(({ size }) => size)).toEqual([5, 6]);
    await archive.drop(batchOf(0, 5));
    await archive.drop(batchOf(0, 5));
    expect((await archive.staged("gw-1")).map(({ size }) => size)).toEqual([6]);
    for (let size = 7; size < 22; size++) await archive.stage(batchOf(0, size));
    await expect(archive.stage(batchOf(0, 22))).rejects.toMatchObject({
      code: "archive.staging-full",
    });
  });
});

describe("bodies", () => {
  it("are served until they are destroyed, and are not there before publication", async () => {
    const archive = await open(openMemoryStorage());
    const batch = batchOf(0, 11);
    const { body, ...place } = batch.bodies[0]!;
    await archive.stage(batch);
    expect(await archive.body(place)).toBeNull();
    await archive.publish("gw-1", 11, batch.root, ANCHORED_AT);
    expect(await archive.body(place)).toMatchObject({ body, building: "b1", date: "2026-01-02" });
    expect(await archive.withheldBy(place)).toBeNull();
    await bodies.destroy(place, [place], 57);
    await archive.publish("gw-1", 11, batch.root, ANCHORED_AT);
    expect(await archive.body(place)).toBeNull();
    expect(await archive.withheldBy(place)).toBe(57);
  });
});

describe("death at any durable step", () => {
  const faults: readonly Fault[] = ["failed", "half persisted", "persisted"];

  it.each(faults)("%s: recovery arrives at the same bytes", async (fault) => {
    const clean = openMemoryStorage();
    const cleanArchive = await open(clean);
    await add(cleanArchive, 0, 300);
    await add(cleanArchive, 300, 700);
    const base = openMemoryStorage();
    await add(await open(base), 0, 300);

    let died = 0;
    for (let step = 0; ; step++) {
      const storage = openMemoryStorage(new Map(base.files));
      storage.failAt(step, fault);
      const outcome = await add(await open(storage), 300, 700).then(
        () => "whole",
        () => "dead",
      );
      // The next life: the gateway sends the batch again when staging itself was lost.
      const revived = openMemoryStorage(storage.files);
      const archive = await open(revived);
      await recover(archive);
      if (archive.size("gw-1") < 700) await add(archive, 300, 700);
      expectSameFiles(revived.files, clean.files, `step ${step}`);
      if (outcome === "whole") break;
      died++;
    }
    // stage, bundles, hash tiles, checkpoint, tidy, unstage
    expect(died).toBe(6);
  });
});

describe("on a disk", () => {
  it("is found again after it was closed", async () => {
    const root = join(folder, "disk");
    const storage = openDiskStorage(root);
    await add(await open(storage), 0, 300);
    await add(await open(storage), 300, 700);
    const again = await open(openDiskStorage(root));
    expect(again.size("gw-1")).toBe(700);
    expect(await rootFromTiles(700, (path) => again.readTile("gw-1", path))).toEqual(rootOf(700));
    expect(await again.entries("gw-1", 0, 700)).toEqual(
      Array.from({ length: 700 }, (_, n) => entryAt(n)),
    );
    expect(await again.staged()).toEqual([]);
  });
});
