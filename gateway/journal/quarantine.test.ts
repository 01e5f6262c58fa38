// The quarantine: durable, bounded as a whole and per client, and emptied by settling.

import { expect, test } from "vitest";
import { memoryVault } from "../memory-vault.ts";
import { type MemoryFiles, memoryFiles } from "./memory-files.ts";
import { openQuarantine, type Quarantine, type QuarantineRecord } from "./quarantine.ts";

const vault = memoryVault();

function record(n: number, extra: Partial<QuarantineRecord> = {}): QuarantineRecord {
  return {
    arrivedAt: 1_700_000_000_000 + n,
    reason: "bad-signature",
    building: "b1",
    device: `meter-${n % 2}`,
    kid: Buffer.alloc(32, n),
    sequence: n,
    payload: Buffer.alloc(50, n).fill(0xd2, 0, 1),
    ...extra,
  };
}

function open(
  files: MemoryFiles,
  extra: { segmentBytesMax?: number; quarantineBytesMax?: number; clientBytesMax?: number } = {},
): Promise<Quarantine> {
  return openQuarantine({
    directory: "/q",
    segmentBytesMax: 500,
    quarantineBytesMax: 10_000,
    vault,
    clientBytesMax: 5_000,
    files,
    ...extra,
  });
}

test("entries survive a power cut and are paged by id", async () => {
  const files = memoryFiles();
  const quarantine = await open(files);
  const kept = [
    record(1),
    record(2, { kid: null, sequence: null, reason: "cbor.depth", payload: new Uint8Array(0) }),
    record(3),
  ];
  const ids: number[] = [];
  for (const one of kept) ids.push(await quarantine.add(one));
  files.powerCut();
  const again = await open(files);
  const entries = await again.read(0, 10);
  expect(entries).toMatchObject(kept.map((one, i) => ({ ...one, id: ids[i] })));
  expect(await again.read(ids[0]!, 1)).toEqual([entries[1]]);
  expect(await again.read(ids[2]!, 10)).toEqual([]);
  expect(await again.read(2 ** 52, 10)).toEqual([]);
  expect(await again.read(ids[0]! + 1, 10)).toEqual(entries.slice(1));
  expect(await again.get(ids[1]!)).toEqual(entries[1]);
  expect(again.count()).toBe(3);
});

test("what may hold the body of an access event lies sealed, and cannot be read once its key is destroyed", async () => {
  const files = memoryFiles();
  const quarantine = await open(files);
  const secret = Buffer.from("a pseudonym of someone");
  const pair = Buffer.concat([Buffer.from([0x82, 0x41, 0x00, 0x56]), secret]);
  const ids = [
    await quarantine.add(record(1, { payload: pair, reason: "unknown-key" })),
    await quarantine.add(record(2)),
  ];
  const written = await files.read("/q/0000000001.segment", 0, 10_000);
  expect(written.includes(secret)).toBe(false);
  expect((await quarantine.get(ids[0]!)).payload).toEqual(new Uint8Array(pair));
  vault.destroy();
  const again = await open(files);
  const [sealed, plain] = await again.read(0, 10);
  expect(sealed).toMatchObject({ reason: "unknown-key", payload: null });
  expect(plain!.payload).toEqual(record(2).payload);
  expect(again.unknownKeys).toHaveLength(1);
  await again.settle(sealed!, "body-missing");
  expect(again.count()).toBe(1);
  // What it took was given back to its device in full.
  const full = await open(files, { clientBytesMax: 136 });
  await full.add(record(1));
});

test("over the budget, or a client's share of it, nothing is taken", async () => {
  const shares = await open(memoryFiles(), { clientBytesMax: 300 });
  await shares.add(record(1));
  await shares.add(record(3));
  await expect(shares.add(record(5))).rejects.toMatchObject({ code: "quarantine.client-full" });
  await shares.add(record(2));
  const whole = await open(memoryFiles(), { quarantineBytesMax: 300 });
  await whole.add(record(1));
  await whole.add(record(2));
  await expect(whole.add(record(3))).rejects.toMatchObject({ code: "quarantine.full" });
});

test("settled entries are listed no more, free their segment, and stay settled after a restart", async () => {
  const files = memoryFiles();
  const quarantine = await open(files, { clientBytesMax: 1_300 });
  for (let n = 1; n <= 16; n++) await quarantine.add(record(n, { reason: "unknown-key" }));
  const segments = files.paths().length;
  expect(segments).toBeGreaterThan(2);
  const entries = await quarantine.read(0, 100);
  for (const entry of entries.slice(0, 12)) await quarantine.settle(entry, "admitted");
  expect(files.paths()[0]).not.toBe("/q/0000000001.segment");
  files.powerCut();
  const again = await open(files, { clientBytesMax: 1_300 });
  expect((await again.read(0, 100)).map(({ sequence }) => sequence)).toEqual([13, 14, 15, 16]);
  expect(again.unknownKeys.map(({ id }) => id)).toEqual(entries.slice(12).map(({ id }) => id));
  expect(again.unknownKeys[0]?.kid).toEqual(Uint8Array.from(Buffer.alloc(32, 13)));
  expect(again.count()).toBe(4);
  await again.add(record(17));
});

test("a client's share counts what an entry takes on disk, on its way there and after a restart", async () => {
  const files = memoryFiles();
  const quarantine = await open(files, { clientBytesMax: 1_000 });
  const empty = { device: "vandal", payload: Buffer.alloc(0) };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) => quarantine.add(record(n, empty))),
  );
  const kept = outcomes.filter(({ status }) => status === "fulfilled").length;
  expect(kept).toBeGreaterThan(0);
  expect(quarantine.bytes()).toBeLessThanOrEqual(1_000);
  const again = await open(files, { clientBytesMax: 1_000 });
  await expect(again.add(record(50, empty))).rejects.toMatchObject({
    code: "quarantine.client-full",
  });
});

test("an entry that is refused its place on disk is not charged for", async () => {
  const files = memoryFiles();
  const quarantine = await open(files, { clientBytesMax: 150 });
  files.fault = (operation) => (operation === "append" ? "failed" : undefined);
  await expect(quarantine.add(record(1))).rejects.toMatchObject({ code: "journal.write" });
  files.fault = () => undefined;
  await quarantine.add(record(1));
});

test("settling again after a failed removal frees nothing twice", async () => {
  const files = memoryFiles();
  const quarantine = await open(files);
  for (let n = 1; n <= 8; n++) await quarantine.add(record(n, { reason: "unknown-key" }));
  const entries = await quarantine.read(0, 100);
  const inFirst = entries.filter(({ id }) => id < 2 * 2 ** 32);
  expect(inFirst.length).toBeGreaterThan(1);
  const { remove } = files;
  files.remove = async () => {
    throw new Error("injected: remove failed");
  };
  for (const entry of inFirst.slice(0, -1)) await quarantine.settle(entry, "admitted");
  for (const entry of inFirst.slice(0, -1)) await quarantine.settle(entry, "admitted");
  await expect(quarantine.settle(inFirst.at(-1)!, "admitted")).rejects.toThrow("injected");
  await expect(quarantine.settle(inFirst.at(-1)!, "admitted")).rejects.toThrow("injected");
  files.remove = remove;
  const again = await open(files);
  expect(again.count()).toBe(entries.length - inFirst.length);
  expect((await again.read(0, 100)).length).toBe(again.count());
});
