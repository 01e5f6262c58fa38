// Keys that seal what must be deletable (D8): one file each, kept apart from what they seal. Destroy the file, and every copy of what
// it sealed, in whatever table, journal or backup, is noise (NIST SP 800-88 2.5, cryptographic erase).

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { open, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMissing, makeDirectory, syncDirectory, writeDurably } from "./durable.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const MAC_BYTES = 16;
const TAG_BYTES = 6;
const SUFFIX = ".key";
/** One or two segments, so that a name is a path below the folder and nothing else. */
const NAME = /^[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64})?$/;

/** A key in use. */
export interface SealingKey {
  readonly name: string;
  /** AES-256-GCM under a random nonce: u8 length ‖ name ‖ nonce ‖ ciphertext ‖ tag. The name is authenticated, and readable without the key. */
  seal(bytes: Uint8Array): Uint8Array;
  /** What was sealed; null when it was not sealed under this key, or changed since. */
  open(sealed: Uint8Array): Uint8Array | null;
  /** A whole number below 2^48: the same for the same bytes under this key, and meaningless once the key is gone. */
  tag(bytes: Uint8Array): number;
}

/** The name of the key that something was sealed under; null for what is not sealed. */
export function sealedUnder(sealed: Uint8Array): string | null {
  const end = 1 + (sealed[0] ?? 0);
  if (sealed.length < end + NONCE_BYTES + MAC_BYTES) return null;
  const name = Buffer.from(sealed.subarray(1, end)).toString("latin1");
  return NAME.test(name) ? name : null;
}

/** The keys in a folder, which nothing else writes to. */
export class SealingKeys {
  readonly #directory: string;
  readonly #known = new Map<string, Promise<SealingKey | null>>();

  /** The folder is made when the first key is. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The key of this name, made when there is none: durable, readable by its owner only. */
  ensure(name: string): Promise<SealingKey> {
    // Remembered before anything is awaited: two who ask at once get one key.
    const ensuring = this.find(name).then((key) => key ?? this.#make(name));
    return this.#remember(name, ensuring);
  }

  /** The key of this name; null when there is none, or it was destroyed. */
  find(name: string): Promise<SealingKey | null> {
    return this.#known.get(name) ?? this.#remember(name, this.#read(name));
  }

  /** Neither a failure nor an absence is remembered: a full disk may have room later, and a key may be made. */
  #remember<T extends SealingKey | null>(name: string, key: Promise<T>): Promise<T> {
    this.#known.set(name, key);
    const forget = () => this.#known.get(name) === key && this.#known.delete(name);
    key.then((found) => found === null && forget(), forget);
    return key;
  }

  /** Every key that is there, sorted. */
  async names(): Promise<string[]> {
    const files = await readdir(this.#directory, { recursive: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const names = files.map((file) => file.replaceAll("\\", "/").slice(0, -SUFFIX.length));
    return names.filter((name, i) => files[i]!.endsWith(SUFFIX) && NAME.test(name)).sort();
  }

  /** Destroys a key; durable when it resolves. One that is not there is destroyed already. */
  async destroy(name: string): Promise<void> {
    this.#known.delete(name);
    const path = this.#pathOf(name);
    try {
      // Overwritten in place first: on most disks and file systems that leaves less to an undelete than the name's removal alone.
      const handle = await open(path, "r+");
      try {
        await handle.write(randomBytes(KEY_BYTES), 0, KEY_BYTES, 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // Die here: a key that opens nothing. The next destroy() removes its file.
      await rm(path);
      await syncDirectory(dirname(path));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #make(name: string): Promise<SealingKey> {
    const path = this.#pathOf(name);
    const key = randomBytes(KEY_BYTES);
    await makeDirectory(dirname(path));
    await writeDurably(path, key, 0o600);
    return sealingKey(name, key);
  }

  async #read(name: string): Promise<SealingKey | null> {
    try {
      const key = await readFile(this.#pathOf(name));
      if (key.length !== KEY_BYTES)
        throw new Error(`${this.#pathOf(name)}: expected ${KEY_BYTES} bytes, found ${key.length}`);
      return sealingKey(name, key);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  #pathOf(name: string): string {
    if (!NAME.test(name)) throw new Error(`${name}: expected the name of a key`);
    return join(this.#directory, `${name}${SUFFIX}`);
  }
}

/** A key from its 32 bytes. One key, one purpose: what seals and what tags are derived apart (RFC 5869). */
export function sealingKey(name: string, key: Uint8Array): SealingKey {
  const derived = (use: string) => Buffer.from(hkdfSync("sha256", key, "", use, KEY_BYTES));
  const sealing = derived("muniment seal");
  const tagging = derived("muniment tag");
  const head = Buffer.from(`\0${name}`, "latin1");
  head[0] = name.length;
  return {
    name,
    seal(bytes) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", sealing, nonce).setAAD(head);
      const sealed = [head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(sealed);
    },
    open(sealed) {
      if (sealedUnder(sealed) !== name) return null;
      const nonce = sealed.subarray(head.length, head.length + NONCE_BYTES);
      const mac = sealed.subarray(sealed.length - MAC_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", sealing, nonce).setAAD(head);
      try {
        const ciphertext = sealed.subarray(head.length + NONCE_BYTES, -MAC_BYTES);
        const opened = decipher.setAuthTag(mac).update(ciphertext);
        return new Uint8Array(Buffer.concat([opened, decipher.final()]));
      } catch {
        return null;
      }
    },
    tag: (bytes) => createHmac("sha256", tagging).update(bytes).digest().readUIntBE(0, TAG_BYTES),
  };
}
