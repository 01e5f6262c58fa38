// Sealing keys: what is sealed opens under its key alone, and under no key once that is destroyed.

import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SealingKeys, sealedUnder } from "./sealing-keys.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-sealing-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const secret = new TextEncoder().encode("who came in at seven");

test("what is sealed opens again, also in another process, and never looks the same twice", async () => {
  const key = await new SealingKeys(folder).ensure("b1/2026-01-02");
  const sealed = key.seal(secret);
  expect(sealedUnder(sealed)).toBe("b1/2026-01-02");
  expect(Buffer.from(sealed).includes(Buffer.from(secret))).toBe(false);
  expect(key.seal(secret)).not.toEqual(sealed);
  const again = await new SealingKeys(folder).find("b1/2026-01-02");
  expect(again?.open(sealed)).toEqual(secret);
  expect(again?.tag(secret)).toBe(key.tag(secret));
  expect(key.tag(secret)).toBeLessThan(2 ** 48);
  expect((await stat(join(folder, "b1", "2026-01-02.key"))).mode & 0o777).toBe(0o600);
});

test("a changed byte, a cut tail, another key or another name opens nothing", async () => {
  const keys = new SealingKeys(folder);
  const [key, other] = [await keys.ensure("one"), await keys.ensure("two")];
  const sealed = key.seal(secret);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(key.open(changed), `byte ${at}`).toBeNull();
  }
  expect(key.open(sealed.subarray(0, -1))).toBeNull();
  expect(key.open(new Uint8Array(0))).toBeNull();
  expect(other.open(sealed)).toBeNull();
  expect(other.tag(secret)).not.toBe(key.tag(secret));
});

test("two who ask at once get the same key", async () => {
  const keys = new SealingKeys(folder);
  const [one, two] = await Promise.all([keys.ensure("b1/today"), keys.ensure("b1/today")]);
  expect(two!.open(one!.seal(secret))).toEqual(secret);
  expect(await readdir(join(folder, "b1"))).toEqual(["today.key"]);
});

test("a destroyed key is gone: a new one of its name opens nothing of the old", async () => {
  const keys = new SealingKeys(folder);
  const sealed = (await keys.ensure("b1/2026-01-02")).seal(secret);
  await keys.ensure("b1/2026-01-03");
  await keys.ensure("today");
  await writeFile(join(folder, "today.key.0123.tmp"), "half a key");
  expect(await keys.names()).toEqual(["b1/2026-01-02", "b1/2026-01-03", "today"]);
  await keys.destroy("b1/2026-01-02");
  await keys.destroy("b1/2026-01-02");
  expect(await keys.names()).toEqual(["b1/2026-01-03", "today"]);
  expect(await keys.find("b1/2026-01-02")).toBeNull();
  expect((await keys.ensure("b1/2026-01-02")).open(sealed)).toBeNull();
});

test("a name is never a path out of the folder", async () => {
  const keys = new SealingKeys(folder);
  for (const name of ["../x", "/etc/x", "a/b/c", "", "A", "a.b"])
    await expect(keys.ensure(name), name).rejects.toThrow("expected the name of a key");
});
