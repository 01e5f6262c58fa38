// Durable writes and key files, on a real file system; openssl's own key file format where openssl is there.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromHex, utf8 } from "../bytes.ts";
import { verify } from "../signature.ts";
import { makeDirectory, writeAllDurably, writeDurably } from "./durable.ts";
import { createKeyFile, loadOrCreateKey, loadSigner } from "./key-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writeDurably", () => {
  it("replaces a file whole, and leaves nothing else behind", async () => {
    const path = join(folder, "checkpoint");
    await writeDurably(path, "first");
    await writeDurably(path, utf8("second"), 0o600);
    expect(await readFile(path, "utf8")).toBe("second");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["checkpoint"]);
  });

  it("replaces several at once, in several directories", async () => {
    await makeDirectory(join(folder, "a"));
    await writeFile(join(folder, "a/1"), "old");
    const paths = ["a/1", "a/2", "b"].map((name) => join(folder, name));
    await writeAllDurably(paths.map((path) => ({ path, bytes: utf8(path) })));
    for (const path of paths) expect(await readFile(path, "utf8")).toBe(path);
    expect((await readdir(join(folder, "a"))).sort()).toEqual(["1", "2"]);
  });

  it("that fails keeps what was there", async () => {
    await makeDirectory(join(folder, "a/b"));
    await writeFile(join(folder, "a/b/file"), "kept");
    // A directory cannot be replaced by a file, so the rename fails.
    await expect(writeDurably(join(folder, "a/b"), "new")).rejects.toThrow();
    expect(await readFile(join(folder, "a/b/file"), "utf8")).toBe("kept");
    expect(await readdir(join(folder, "a"))).toEqual(["b"]);
    await expect(writeDurably(join(folder, "missing/file"), "new")).rejects.toThrow();
  });
});

describe("key files", () => {
  it("are made once, readable by their owner only, and never overwritten", async () => {
    const path = join(folder, "keys/gateway.pem");
    const signer = await createKeyFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(createKeyFile(path)).rejects.toThrow(/exists/);
    for (const again of [await loadSigner(path), await loadOrCreateKey(path)])
      expect(again.publicKey).toEqual(signer.publicKey);
    expect(verify(signer.publicKey, utf8("m"), signer.sign(utf8("m")))).toBe(true);
    expect((await loadOrCreateKey(join(folder, "other.pem"))).publicKey).not.toEqual(
      signer.publicKey,
    );
  });

  it("of another algorithm are refused by name", async () => {
    const path = join(folder, "rsa.pem");
    const { generateKeyPairSync } = await import("node:crypto");
    await writeFile(
      path,
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
        format: "pem",
        type: "pkcs8",
      }),
    );
    await expect(loadSigner(path)).rejects.toThrow(/rsa\.pem.*Ed25519/);
    await writeFile(path, "no key");
    await expect(loadSigner(path)).rejects.toThrow();
  });

  it("are those of openssl", async (context) => {
    const path = join(folder, "openssl.pem");
    const made = spawnSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path]);
    if (made.status !== 0) {
      console.warn("SKIPPED: a key file of openssl, because openssl is not installed");
      context.skip();
    }
    const { stdout } = spawnSync("openssl", ["pkey", "-in", path, "-pubout", "-outform", "DER"]);
    expect((await loadSigner(path)).publicKey).toEqual(
      fromHex(stdout.subarray(-32).toString("hex")),
    );
  });
});
