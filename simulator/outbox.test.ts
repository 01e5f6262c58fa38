// The durable account of a sender: numbers are never used twice for different bytes.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openOutbox } from "./outbox.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-outbox-"));
});
afterEach(() => rm(folder, { recursive: true }));

const item = (sequence: number) => ({
  sequence,
  statement: Uint8Array.of(sequence),
  body: Uint8Array.of(7),
});

test("a new outbox starts before everything", async () => {
  const outbox = await openOutbox(join(folder, "a.json"));
  expect(outbox).toMatchObject({ sequence: 0, through: Number.NEGATIVE_INFINITY, pending: [] });
});

test("die after staging: the next start has the same bytes to send and uses later numbers", async () => {
  const path = join(folder, "a.json");
  await (await openOutbox(path)).stage([item(1), item(2)], 100);
  const again = await openOutbox(path);
  expect(again.sequence).toBe(2);
  expect(again.through).toBe(100);
  expect(again.pending.map(({ statement }) => [...statement])).toEqual([[1], [2]]);
});

test("settled and closed: nothing is pending at the next start, progress is kept", async () => {
  const path = join(folder, "a.json");
  const outbox = await openOutbox(path);
  await outbox.stage([item(1)], 100);
  outbox.settle();
  await outbox.close();
  expect(await openOutbox(path)).toMatchObject({ sequence: 1, through: 100, pending: [] });
});

test("what is pending is never overwritten", async () => {
  const outbox = await openOutbox(join(folder, "a.json"));
  await outbox.stage([item(1)], 100);
  await expect(outbox.stage([item(2)], 200)).rejects.toThrow(/settled/);
});

test("a damaged file is refused, not begun anew", async () => {
  const path = join(folder, "a.json");
  await writeFile(path, '{"sequence":1');
  await expect(openOutbox(path)).rejects.toMatchObject({ code: "outbox.format" });
});
