// Bodies at rest: sealed under their day's key, destroyed with it, and nothing of them left in any file.

import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, utf8 } from "@muniment/core";
import { SealingKeys } from "@muniment/core/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Bodies, type BodyDay, type NewBody } from "./bodies.ts";

let folder: string;
let keys: SealingKeys;
let bodies: Bodies;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-bodies-"));
  keys = new SealingKeys(join(folder, "keys"));
  bodies = await Bodies.open(join(folder, "bodies"), keys);
});
afterEach(async () => {
  await bodies.close();
  await rm(folder, { recursive: true, force: true });
});

const monday: BodyDay = { building: "b1", date: "2026-01-05" };
const tuesday: BodyDay = { building: "b1", date: "2026-01-06" };

function body(index: number, day: BodyDay, gateway = "gw-1", text = `badge ${index}`): NewBody {
  return { ...day, gateway, index, body: utf8(text) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Files below a folder that hold the bytes. */
async function filesWith(bytes: Uint8Array, where: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(where, { recursive: true, withFileTypes: true })) {
    const path = join(name.parentPath, name.name);
    if (name.isFile() && (await readFile(path)).includes(Buffer.from(bytes))) found.push(path);
  }
  return found;
}

test("are read where they lie, and listed by day", async () => {
  await bodies.add([body(7, monday), body(3, monday), body(1, monday, "gw-2"), body(9, tuesday)]);
  expect(await bodies.read({ gateway: "gw-1", index: 7 })).toMatchObject({
    ...monday,
    body: utf8("badge 7"),
  });
  expect(await bodies.read({ gateway: "gw-2", index: 7 })).toBeNull();
  expect(await all(bodies.days())).toEqual([monday, tuesday]);
  expect(await bodies.places(monday)).toEqual([
    { gateway: "gw-1", index: 3 },
    { gateway: "gw-1", index: 7 },
    { gateway: "gw-2", index: 1 },
  ]);
  expect(await filesWith(utf8("badge"), folder)).toEqual([]);
});

test("are replaced by what comes later for the same place, under its own day", async () => {
  await bodies.add([body(7, monday)]);
  await bodies.add([body(7, tuesday, "gw-1", "another")]);
  expect(await bodies.read({ gateway: "gw-1", index: 7 })).toMatchObject({
    ...tuesday,
    body: utf8("another"),
  });
  expect(await bodies.places(monday)).toEqual([]);
});

test("destroyed, they are gone from the store, its files, and every copy of them", async () => {
  const many = Array.from({ length: 300 }, (_, i) => body(i, monday, "gw-1", `person ${i % 7}`));
  await bodies.add([...many, body(900, tuesday)]);
  await bodies.close();
  bodies = await Bodies.open(join(folder, "bodies"), keys);
  await bodies.add([body(301, monday)]);
  // How what is sealed begins, to be looked for later; and a backup of the store alone.
  const sealedHead = Uint8Array.of(13, ...utf8("b1/2026-01-05"));
  expect((await filesWith(sealedHead, join(folder, "bodies"))).length).toBeGreaterThan(0);
  await cp(join(folder, "bodies"), join(folder, "backup"), { recursive: true });

  const places = await bodies.places(monday);
  await bodies.destroy(monday, places.slice(0, 100), 57);
  expect(await keys.find("b1/2026-01-05")).not.toBeNull();
  await bodies.destroy(monday, places.slice(100), 58);
  expect(await keys.names()).toEqual(["b1/2026-01-06"]);
  expect(await filesWith(sealedHead, join(folder, "bodies"))).toEqual([]);
  expect(await bodies.read(places[0]!)).toBeNull();
  expect(await bodies.withheldBy(places[0]!)).toBe(57);
  expect(await bodies.withheldBy(places[200]!)).toBe(58);
  expect(await bodies.withheldBy({ gateway: "gw-1", index: 900 })).toBeNull();
  expect(await bodies.read({ gateway: "gw-1", index: 900 })).not.toBeNull();

  const copy = await Bodies.open(join(folder, "backup"), keys);
  try {
    expect(await copy.places(monday)).toHaveLength(301);
    expect(await copy.read(places[0]!)).toBeNull();
  } finally {
    await copy.close();
  }
});

test("destroyed twice, or by an entry that names what is not of its day: nothing changes", async () => {
  await bodies.add([body(1, monday), body(2, tuesday)]);
  const [one, two] = [1, 2].map((index) => ({ gateway: "gw-1", index }));
  await bodies.destroy(monday, [one!, two!], 57);
  await bodies.destroy(monday, [one!, two!], 99);
  expect(await bodies.withheldBy(one!)).toBe(57);
  expect(await bodies.read(two!)).toMatchObject(tuesday);
  expect(await bodies.withheldBy(two!)).toBeNull();
  expect(await all(bodies.days())).toEqual([tuesday]);
});

test("tags tell persons apart within a day, and nothing between days", async () => {
  await bodies.add([body(1, monday), body(2, monday), body(3, tuesday)]);
  const [first, second, third] = await Promise.all(
    [1, 2, 3].map(async (index) => (await bodies.read({ gateway: "gw-1", index }))!),
  );
  const person = sha256(utf8("someone")).slice(0, 16);
  expect(first!.tag(person)).toBe(second!.tag(person));
  expect(first!.tag(person)).not.toBe(third!.tag(person));
  expect(first!.tag(person)).not.toBe(first!.tag(sha256(utf8("another")).slice(0, 16)));
});

test("how much of the ledger is applied outlives a restart", async () => {
  expect(await bodies.applied()).toBe(0);
  await bodies.setApplied(1_234);
  await bodies.close();
  bodies = await Bodies.open(join(folder, "bodies"), keys);
  expect(await bodies.applied()).toBe(1_234);
});
